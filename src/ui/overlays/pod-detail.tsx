import { Box } from "ink";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import type { Overlay } from "../../app/slices/view.js";
import type { Experiment } from "../../contract/experiment.js";
import type { Gpu, Pod } from "../../contract/pod.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { toExperiment } from "../go-to.js";
import { useApp, useUi } from "../hooks.js";
import { dateTime } from "../paint/date-time.js";
import { glyph } from "../paint/look.js";
import { percent, significant } from "../paint/number-format.js";
import { podLook } from "../paint/status.js";
import { Dialog } from "../widgets/dialog.js";
import { type Fact, Facts, Section } from "../widgets/facts.js";
import { Label } from "../widgets/label.js";
import { Scroll } from "../widgets/scroll.js";
import { StaticTable, type TableRow } from "../widgets/static-table.js";

const size = { width: 104, height: 36 };
const unknown = "–";
const gib = 1024 ** 3;

/** Everything that is known of a pod. It goes on being live while it is open. */
export function PodDetail({ overlay }: { readonly overlay: Extract<Overlay, { kind: "pod" }> }) {
  const { store, look } = useUi();
  const pod = useApp((state) => state.pods.rows.find((row) => row._id === overlay.id));
  const experiments = useApp((state) => state.experiments);
  const queue = visibleExperiments(experiments);
  const running = experiments.live.filter((row) => pod?.experiments.includes(row.experimentId) === true);
  const close = { type: "view/overlayClosed" } as const;
  const status = pod === undefined ? undefined : podLook[pod.status];
  const first = running[0];
  return (
    <Dialog
      title={pod === undefined ? "Pod" : `${pod.name}  ${gpuName(pod)}`}
      note={status === undefined ? undefined : `${glyph(status.glyph, look)} ${status.word}`}
      {...size}
      keys={[
        { key: look.unicode ? "↑↓" : "Up Down", does: "scroll" },
        ...(first === undefined ? [] : [{ key: "Enter", does: first.experimentId }]),
        { key: "Esc", does: "close" },
      ]}
    >
      {({ width, height }) => (
        <Scroll
          width={width}
          height={height}
          onKey={(name) => {
            if (name === "esc") store.dispatch(close);
            if (name === "enter" && first !== undefined && queue.byId(first._id) !== undefined) {
              store.dispatchAll([close, ...toExperiment(store.api.getState(), first._id)]);
            }
          }}
        >
          {pod === undefined ? (
            <Label tone="text.muted">It is not in this lab any more.</Label>
          ) : (
            <Parts pod={pod} running={running} width={width} />
          )}
        </Scroll>
      )}
    </Dialog>
  );
}

interface PartsProps {
  readonly pod: Pod;
  readonly running: readonly Experiment[];
  readonly width: number;
}

function Parts({ pod, running, width }: PartsProps) {
  const { look } = useUi();
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Facts facts={factsOf(pod, glyph(podLook[pod.status].glyph, look))} width={width} />
      <Section title="GPUs">
        {pod.gpus.length === 0 ? (
          <Label tone="text.muted">
            {pod.gpuCount === 0 ? "None: it runs on its CPUs." : "Nothing is known of them yet."}
          </Label>
        ) : (
          <StaticTable
            columns={["gpu", "util", "memory", "temp", "power", "model"]}
            rows={pod.gpus.map(gpuRow)}
            width={width}
          />
        )}
      </Section>
      <Section title="Running here">
        {running.length === 0 ? (
          <Label tone="text.muted">Nothing.</Label>
        ) : (
          running.map((row) => (
            <Label key={row._id}>
              <Label tone="text.strong">{row.experimentId}</Label>
              {`  ${row.title}`}
            </Label>
          ))
        )}
      </Section>
    </Box>
  );
}

const gpuName = (pod: Pod) => (pod.gpuCount === 0 ? "CPU" : `${pod.gpuCount}×${pod.gpuType}`);

function gpuRow(gpu: Gpu): TableRow {
  const { memoryUsedMiB: used, memoryTotalMiB: total } = gpu;
  const memory =
    total === null
      ? unknown
      : `${used === null ? unknown : significant(used / 1024)} of ${significant(total / 1024)} GiB`;
  return {
    gpu: String(gpu.index),
    util: percent(gpu.utilPercent),
    memory,
    temp: gpu.temperatureC === null ? unknown : `${Math.round(gpu.temperatureC)} C`,
    power: gpu.powerW === null ? unknown : `${Math.round(gpu.powerW)} W`,
    model: gpu.name,
  };
}

function factsOf(pod: Pod, mark: string): readonly Fact[] {
  const { last, idleMinutes, costPerHourUsd } = pod;
  const status = podLook[pod.status];
  const wastedUsd = idleMinutes === null || costPerHourUsd === null ? null : (idleMinutes / 60) * costPerHourUsd;
  const reason = pod.statusReason === null ? "" : `, ${pod.statusReason}`;
  return [
    { name: "State", value: `${mark} ${status.word}${reason}`, tone: status.tone, wide: true },
    { name: "Idle", value: idleText(idleMinutes, wastedUsd), wide: true },
    { name: "Cost", value: `${usd(costPerHourUsd)} an hour`, tone: "money" },
    { name: "Work", value: pod.acceptsWork ? "takes new experiments" : "drains: takes no new ones" },
    { name: "Today", value: usd(pod.costTodayUsd), tone: "money" },
    { name: "Slots", value: `${pod.slotsUsed} of ${pod.slots} in use` },
    { name: "CPU", value: percent(last?.cpuPercent) },
    { name: "Memory", value: memoryText(pod) },
    { name: "Load", value: significant(last?.loadAverage) },
    { name: "Provider", value: pod.provider },
    { name: "Started", value: dateTime(pod.startedAt) },
    { name: "Created", value: dateTime(pod.createdAt) },
    { name: "Document id", value: pod._id, tone: "text.muted" },
  ];
}

function idleText(idleMinutes: number | null, wastedUsd: number | null): string {
  if (idleMinutes === null) return unknown;
  if (idleMinutes === 0) return "no, it works";
  const cost = wastedUsd === null || wastedUsd === 0 ? "" : `, ${usd(wastedUsd)} for nothing`;
  return `${longDuration(idleMinutes * 60_000)}${cost}`;
}

function memoryText({ last }: Pod): string {
  if (last === null || last.memoryTotalBytes === null) return unknown;
  const used = last.memoryUsedBytes === null ? unknown : significant(last.memoryUsedBytes / gib);
  return `${used} of ${significant(last.memoryTotalBytes / gib)} GiB`;
}
