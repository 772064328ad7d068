import { Box } from "ink";
import { configOf } from "../../app/draft.js";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import type { Overlay } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import type { Experiment } from "../../contract/experiment.js";
import { longDuration } from "../../core/duration.js";
import { useApp, useUi } from "../hooks.js";
import { wrapWords } from "../paint/columns.js";
import { dateTime } from "../paint/date-time.js";
import { glyph } from "../paint/look.js";
import { count, percent, significant } from "../paint/number-format.js";
import { experimentLook } from "../paint/status.js";
import type { Look } from "../panes/pane.js";
import { Dialog } from "../widgets/dialog.js";
import { type Fact, Facts, Section } from "../widgets/facts.js";
import { Label } from "../widgets/label.js";
import { Scroll } from "../widgets/scroll.js";
import { StaticTable } from "../widgets/static-table.js";

const size = { width: 112, height: 44 };
const unknown = "–";

/** Everything that is known of an experiment. It goes on being live while it is open. */
export function ExperimentDetail({ overlay }: { readonly overlay: Extract<Overlay, { kind: "experiment" }> }) {
  const { store, look } = useUi();
  const row = useApp((state) => visibleExperiments(state.experiments).byId(overlay.id));
  const podName = useApp((state) => podNameOf(state, row));
  const nowMs = useApp((state) => state.view.nowMs);
  const close = { type: "view/overlayClosed" } as const;
  const status = row === undefined ? undefined : experimentLook[row.status];
  return (
    <Dialog
      title={row === undefined ? "Experiment" : `${row.experimentId}  ${row.title}`}
      note={status === undefined ? undefined : `${glyph(status.glyph, look)} ${status.word}`}
      {...size}
      keys={[
        { key: look.unicode ? "↑↓" : "Up Down", does: "scroll" },
        { key: "Enter", does: "its log" },
        { key: "Esc", does: "close" },
      ]}
    >
      {({ width, height }) => (
        <Scroll
          width={width}
          height={height}
          onKey={(name) => {
            if (name === "esc") store.dispatch(close);
            if (name === "enter") store.dispatchAll([close, { type: "view/focused", pane: "log" }]);
          }}
        >
          {row === undefined ? (
            <Label tone="text.muted">It is not in this lab any more.</Label>
          ) : (
            <Parts row={row} podName={podName} nowMs={nowMs} width={width} />
          )}
        </Scroll>
      )}
    </Dialog>
  );
}

interface PartsProps {
  readonly row: Experiment;
  readonly podName: string | null;
  readonly nowMs: number;
  readonly width: number;
}

function Parts({ row, podName, nowMs, width }: PartsProps) {
  const { look } = useUi();
  const metrics = Object.entries(row.metrics).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Facts facts={factsOf(row, podName, { nowMs, look })} width={width} />
      {row.result === null ? null : (
        <Section title="Result">
          {wrapWords(row.result, width).map((line, index) => (
            <Label key={index}>{line}</Label>
          ))}
        </Section>
      )}
      {row.qc === null ? null : <Checks qc={row.qc} width={width} />}
      {metrics.length === 0 ? null : (
        <Section title="Metrics, last values">
          <StaticTable
            columns={["metric", "value"]}
            rows={metrics.map(([metric, value]) => ({ metric, value: significant(value, 5) }))}
            width={width}
          />
        </Section>
      )}
      <Section title="Config">
        {JSON.stringify(configOf(row), null, 2)
          .split("\n")
          .map((line, index) => (
            <Label key={index}>{line}</Label>
          ))}
      </Section>
    </Box>
  );
}

function Checks({ qc, width }: { readonly qc: NonNullable<Experiment["qc"]>; readonly width: number }) {
  const { look } = useUi();
  return (
    <Section title={`Quality checks: ${qc.verdict}`}>
      {qc.checks.map(({ name, ok, reason, severity }) => {
        const isWarning = !ok && severity === "warning";
        const status = isWarning ? { ...experimentLook.blocked, word: "warn" } : experimentLook[ok ? "pass" : "fail"];
        const indent = " ".repeat(8);
        const [first = "", ...rest] = wrapWords(`${name}: ${reason}`, width - indent.length);
        return (
          <Box key={name} flexDirection="column" flexShrink={0}>
            <Label>
              <Label tone={status.tone}>{`${glyph(status.glyph, look)} ${status.word}`.padEnd(indent.length)}</Label>
              {first}
            </Label>
            {rest.map((line, index) => (
              <Label key={index}>{indent + line}</Label>
            ))}
          </Box>
        );
      })}
    </Section>
  );
}

function podNameOf({ pods }: AppState, row: Experiment | undefined): string | null {
  if (row === undefined || row.podId === null) return null;
  return pods.rows.find((pod) => pod._id === row.podId)?.name ?? row.podId;
}

function factsOf(row: Experiment, podName: string | null, at: { nowMs: number; look: Look }): readonly Fact[] {
  const status = experimentLook[row.status];
  const state = `${glyph(status.glyph, at.look)} ${row.cancelRequested && row.status === "running" ? "ending" : status.word}`;
  const reason = row.statusReason === null ? "" : `, ${row.statusReason}`;
  return [
    { name: "State", value: state + reason, tone: status.tone, wide: true },
    { name: "Queued", value: dateTime(row.createdAt) },
    { name: "Template", value: row.template ?? "none, its own command" },
    { name: "Started", value: dateTime(row.startedAt) },
    { name: "Priority", value: row.priority },
    { name: "Ended", value: dateTime(row.endedAt) },
    { name: "Compute", value: row.computeMode },
    { name: "Ran for", value: ranFor(row, at.nowMs) },
    { name: "Pod", value: podName ?? unknown },
    { name: "Expected end", value: dateTime(row.etaAt) },
    { name: "Progress", value: row.progress === null ? unknown : percent(row.progress * 100) },
    { name: "Estimate", value: row.estimatedSeconds === null ? unknown : longDuration(row.estimatedSeconds * 1000) },
    { name: "Attempt", value: row.attempt === 0 ? "not started yet" : String(row.attempt) },
    { name: "Exit code", value: row.exitCode === null ? unknown : String(row.exitCode) },
    { name: "Log", value: `${count(row.logLines)} lines` },
    { name: "Project", value: row.projectId ?? unknown },
    { name: "Document id", value: row._id, tone: "text.muted" },
  ];
}

function ranFor({ startedAt, endedAt }: Experiment, nowMs: number): string {
  if (startedAt === null) return unknown;
  return longDuration((endedAt ?? Math.max(nowMs, startedAt)) - startedAt);
}
