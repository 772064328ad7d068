import { Box } from "ink";
import { visibleExperiments } from "../../../app/selectors/visible-experiments.js";
import type { AppState } from "../../../app/store.js";
import type { Experiment } from "../../../contract/experiment.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import { useApp, useUi } from "../../hooks.js";
import { wrapWords } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { glyph } from "../../paint/look.js";
import { count, percent, significant } from "../../paint/number-format.js";
import { experimentLook } from "../../paint/status.js";
import type { Look } from "../../panes/pane.js";
import { type Fact, Facts, Section } from "../../widgets/facts.js";
import { Label } from "../../widgets/label.js";
import { StaticTable } from "../../widgets/static-table.js";
import { verdictWords } from "./verdict.js";

const unknown = "–";

interface OverviewProps {
  readonly row: Experiment;
  readonly width: number;
}

/** State, place in the lab, time and money as expected and as they are, result, last metrics. */
export function Overview({ row, width }: OverviewProps) {
  const { look } = useUi();
  const podName = useApp((state) => podNameOf(state, row));
  const parent = useApp((state) => parentOf(state, row));
  const nowMs = useApp((state) => state.view.nowMs);
  const metrics = Object.entries(row.metrics).sort(([a], [b]) => a.localeCompare(b));
  const facts = [
    ...stateFacts(row, { nowMs, look }),
    ...placeFacts(row, { podName, parent }),
    ...spentFacts(row, nowMs),
  ];
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Facts facts={facts} width={width} />
      {row.result === null ? null : (
        <Section title="Result">
          {wrapWords(row.result, width).map((line, index) => (
            <Label key={index}>{line}</Label>
          ))}
        </Section>
      )}
      {metrics.length === 0 ? null : (
        <Section title="Metrics, last values">
          <StaticTable
            columns={["metric", "value"]}
            rows={metrics.map(([metric, value]) => ({ metric, value: significant(value, 5) }))}
            width={width}
          />
        </Section>
      )}
    </Box>
  );
}

function podNameOf({ pods }: AppState, row: Experiment): string | null {
  if (row.podId === null) return null;
  return pods.rows.find((pod) => pod._id === row.podId)?.name ?? row.podId;
}

function parentOf({ experiments }: AppState, { parentId }: Experiment): string | null {
  if (parentId === null) return null;
  return visibleExperiments(experiments).byId(parentId)?.experimentId ?? parentId;
}

/** What it is, why, and what was found of it. */
function stateFacts(row: Experiment, { nowMs, look }: { nowMs: number; look: Look }): readonly Fact[] {
  const status = experimentLook[row.status];
  const state = `${glyph(status.glyph, look)} ${row.cancelRequested && row.status === "running" ? "ending" : status.word}`;
  const reason = row.statusReason === null ? "" : `, ${row.statusReason}`;
  const { notBeforeAt, qc } = row;
  return [
    { name: "State", value: state + reason, tone: status.tone, wide: true },
    ...(qc === null ? [] : [{ name: "QC", ...verdictWords(qc, look), wide: true }]),
    ...(notBeforeAt !== null && notBeforeAt > nowMs
      ? [
          {
            name: "Starts",
            value: `not before ${dateTime(notBeforeAt)}, in ${longDuration(notBeforeAt - nowMs)}`,
            wide: true,
          },
        ]
      : []),
    ...(row.resumeFrom === null ? [] : [{ name: "Goes on from", value: row.resumeFrom, wide: true }]),
  ];
}

function placeFacts(
  row: Experiment,
  { podName, parent }: { readonly podName: string | null; readonly parent: string | null },
): readonly Fact[] {
  return [
    { name: "Queue", value: row.queue },
    { name: "Priority", value: row.priority },
    { name: "Template", value: row.template ?? "none, its own command" },
    { name: "Compute", value: row.computeMode },
    { name: "Pod", value: podName ?? unknown },
    { name: "Attempt", value: row.attempt === 0 ? "not started yet" : String(row.attempt) },
    ...(parent === null ? [] : [{ name: "Parent", value: parent }]),
    ...(row.batchId === null ? [] : [{ name: "Batch", value: row.batchId }]),
    { name: "Log", value: `${count(row.logLines)} ${row.logLines === 1 ? "line" : "lines"}` },
    { name: "Exit code", value: row.exitCode === null ? unknown : String(row.exitCode) },
    { name: "Project", value: row.projectId ?? unknown },
    { name: "Document id", value: row._id, tone: "text.muted" },
  ];
}

/** Expected on the left, as it is on the right. */
function spentFacts(row: Experiment, nowMs: number): readonly Fact[] {
  const { status, startedAt, endedAt, actualSeconds } = row;
  const ranMs =
    status === "running" && startedAt !== null
      ? Math.max(0, nowMs - startedAt)
      : actualSeconds === null
        ? startedAt === null
          ? null
          : (endedAt ?? startedAt) - startedAt
        : actualSeconds * 1000;
  const isOver = status === "pass" || status === "fail";
  return [
    { name: "Made", value: dateTime(row.createdAt) },
    { name: "Started", value: dateTime(startedAt) },
    isOver ? { name: "Ended", value: dateTime(endedAt) } : { name: "Expected end", value: dateTime(row.etaAt) },
    { name: "Progress", value: row.progress === null ? unknown : percent(row.progress * 100) },
    { name: "Estimate", value: row.estimatedSeconds === null ? unknown : longDuration(row.estimatedSeconds * 1000) },
    { name: "Ran for", value: ranMs === null ? unknown : `${longDuration(ranMs)}${againstEstimate(row, ranMs)}` },
    ...(isOver
      ? []
      : [{ name: "Will cost", value: usd(row.projectedCostUsd, { estimate: true }), tone: "money" as const }]),
    { name: "Has cost", value: usd(row.costUsd, { estimate: row.costEstimated }), tone: "money" },
  ];
}

/** How far the estimate was off, once that says anything. */
function againstEstimate({ estimatedSeconds, status }: Experiment, ranMs: number): string {
  if (estimatedSeconds === null || status !== "pass") return "";
  const share = ranMs / (estimatedSeconds * 1000);
  return `, ${percent(share * 100)} of the estimate`;
}
