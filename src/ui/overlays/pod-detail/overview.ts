import { isOwnMachine } from "../../../app/pod-action.js";
import { idleMs, isWasting, podEnds, podRow } from "../../../app/selectors/pod-row.js";
import type { Experiment } from "../../../contract/experiment.js";
import type { Pod } from "../../../contract/pod.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import { fit, wrapWords } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { glyph } from "../../paint/look.js";
import { percent, significant } from "../../paint/number-format.js";
import { podLook } from "../../paint/status.js";
import type { Look } from "../../panes/pane.js";
import { type FactLine, factNameColumns, paired, said, section } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

const unknown = "–";
const gib = 1024 ** 3;
const nameColumns = factNameColumns;

export interface OverviewContext {
  readonly running: readonly Experiment[];
  readonly nowMs: number;
  readonly width: number;
  readonly look: Look;
}

/** State, money, ends, place, way in, ports, environment, and what runs there. */
export function overviewLines(pod: Pod, context: OverviewContext): readonly TabLine[] {
  const { width, running } = context;
  return [
    ...troubleLines(pod, width),
    ...paired(stateFacts(pod, context), width),
    ...section("Running here"),
    ...(running.length === 0 ? [said("Nothing.")] : running.map(experimentLine)),
    ...proposalLines(pod),
    ...section("Machine"),
    ...paired(machineFacts(pod), width),
    ...section("Way in"),
    ...sshLines(pod, width),
    ...pod.ports.map(portLine),
    ...section("Environment"),
    ...envLines(pod),
  ];
}

function troubleLines({ trouble }: Pod, width: number): readonly TabLine[] {
  if (trouble === null) return [];
  const lines = wrapWords(trouble.message, width).map((text): TabLine => [["level.error", text]]);
  return [...lines, []];
}

function stateFacts(pod: Pod, { nowMs, look }: OverviewContext): readonly FactLine[] {
  const { tone, glyph: mark, word } = podLook[pod.status];
  const raw = pod.providerStatus === null ? "" : ` (${pod.providerStatus})`;
  const reason = pod.statusReason === null ? "" : `, ${pod.statusReason}`;
  const estimate = { estimate: pod.costEstimated };
  return [
    { name: "State", value: `${glyph(mark, look)} ${word}${raw}${reason}`, tone },
    { name: "Idle", value: idleText(pod), tone: isWasting(pod) ? "alert.warning" : "text.primary" },
    { name: "Cost", value: `${usd(pod.costPerHourUsd)} an hour`, tone: "money" },
    {
      name: "Today",
      value: `${usd(pod.costTodayUsd, estimate)}, month ${usd(pod.costMonthUsd, estimate)}`,
      tone: "money",
    },
    ...endFacts(pod, nowMs),
    ...(pod.stoppedCostPerMonthUsd === null
      ? []
      : [
          {
            name: "Stopped",
            value: stoppedText(pod),
            tone: "money" as const,
          },
        ]),
    ...(pod.unsynced.length === 0
      ? []
      : [{ name: "Outputs", value: `of ${pod.unsynced.join(", ")} are only there`, tone: "level.warn" as const }]),
    {
      name: "Work",
      value: pod.acceptsWork ? `${pod.slotsUsed} of ${pod.slots} slots` : noWorkText(pod),
    },
    {
      name: "Up",
      value:
        pod.startedAt === null ? unknown : `${longDuration(nowMs - pod.startedAt)}, since ${dateTime(pod.startedAt)}`,
    },
  ];
}

function idleText(pod: Pod): string {
  if (pod.status !== "running" || pod.idleMinutes === null) return unknown;
  const idle = idleMs(pod);
  if (idle === null) return "no, it works";
  const { wastedUsd } = podRow(pod, []);
  const cost = isWasting(pod) && wastedUsd !== null && wastedUsd >= 0.01 ? `, ${usd(wastedUsd)} wasted` : "";
  return `${longDuration(idle)}${cost}${pod.idleReason === null ? "" : `: ${pod.idleReason}`}`;
}

function endFacts(pod: Pod, nowMs: number): readonly FactLine[] {
  return podEnds(pod).map(({ at, why, action }) => ({
    name: why === "idle" ? "Auto-stop" : "Max hours",
    value: `${action === "stop" ? "stopped" : "terminated"} in ${longDuration(at - nowMs)}, ${dateTime(at)}`,
    tone: at - nowMs < 30 * 60_000 ? ("alert.warning" as const) : ("text.primary" as const),
  }));
}

function machineFacts(pod: Pod): readonly FactLine[] {
  const { last } = pod;
  return [
    { name: "Provider", value: `${pod.provider}${pod.providerId === null ? "" : ` ${pod.providerId}`}` },
    { name: "Region", value: [pod.region, pod.cloud].filter((word) => word !== null).join(" ") || unknown },
    { name: "CPU", value: `${percent(last?.cpuPercent)}, load ${significant(last?.loadAverage)}` },
    { name: "Memory", value: memoryText(pod) },
    { name: "Volume", value: volumeText(pod) },
    { name: "Disk", value: pod.diskGb === null ? unknown : `${pod.diskGb} GB, wiped at every stop` },
    { name: "Image", value: pod.image ?? unknown },
    { name: "Made by", value: pod.createdByLab ? "this lab" : pod.provider === "runpod" ? "somebody else" : unknown },
    { name: "Locked", value: pod.locked ? "yes" : "no" },
    { name: "Created", value: dateTime(pod.createdAt) },
    { name: "Document id", value: pod._id, tone: "text.muted" },
  ];
}

function memoryText({ last }: Pod): string {
  if (last === null || last.memoryTotalBytes === null) return unknown;
  const used = last.memoryUsedBytes === null ? unknown : significant(last.memoryUsedBytes / gib);
  return `${used} of ${significant(last.memoryTotalBytes / gib)} GiB`;
}

const experimentLine = ({ experimentId, title }: Experiment): TabLine => [
  ["text.strong", experimentId],
  ["text.primary", `  ${title}`],
];

function proposalLines({ proposal }: Pod): readonly TabLine[] {
  if (proposal === null) return [];
  return [
    [
      ["text.accent", `${proposal.experimentId} could run here`],
      ["text.muted", `: ${proposal.reason}`],
    ],
  ];
}

function sshLines({ ssh, sshReason }: Pod, width: number): readonly TabLine[] {
  if (ssh === null) return wrapWords(sshReason ?? "No ssh.", width).map(said);
  const command = `ssh ${ssh.port === 22 ? "" : `-p ${ssh.port} `}${ssh.username}@${ssh.host}`;
  const relay = ssh.via === "proxy" ? "  a relay: an interactive shell only" : "";
  return [
    [
      ["text.strong", command],
      ["text.muted", relay],
    ],
  ];
}

function portLine({ private: inside, public: outside, type, ip }: Pod["ports"][number]): TabLine {
  const where = outside === null ? "not open to the outside" : `${ip ?? ""}:${outside}`;
  return [
    ["text.primary", fit(`${inside}/${type}`, nameColumns)],
    ["text.muted", where],
  ];
}

function envLines({ env }: Pod): readonly TabLine[] {
  const names = Object.keys(env).toSorted();
  if (names.length === 0) return [said("None.")];
  return names.map(
    (name): TabLine => [
      ["text.primary", name],
      ["text.muted", `=${env[name] ?? ""}`],
    ],
  );
}

function stoppedText({ volumeGb, stoppedCostPerMonthUsd }: Pod): string {
  return volumeGb === 0 ? "costs nothing, and nothing stays" : `its disk costs ${usd(stoppedCostPerMonthUsd)} a month`;
}

/** A pod that the lab was never given has nothing to drain. */
function noWorkText(pod: Pod): string {
  return isOwnMachine(pod) || pod.experiments.length > 0
    ? "drains: takes no new experiments"
    : "takes no experiments of the lab";
}

function volumeText({ volumeGb }: Pod): string {
  if (volumeGb === null) return unknown;
  return volumeGb === 0 ? "none: nothing stays when it is stopped" : `${volumeGb} GB, stays when it is stopped`;
}
