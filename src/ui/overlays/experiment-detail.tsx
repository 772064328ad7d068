import { Box } from "ink";
import { type ExperimentTab, experimentTabs } from "../../app/experiment-tabs.js";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import type { Overlay } from "../../app/slices/view.js";
import type { Experiment } from "../../contract/experiment.js";
import { useApp, useUi } from "../hooks.js";
import { glyph } from "../paint/look.js";
import { experimentLook } from "../paint/status.js";
import type { Look } from "../panes/pane.js";
import { Dialog, type DialogSize, type KeyHint } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { Line } from "../widgets/line.js";
import { Lines, type TabLine } from "../widgets/lines.js";
import { Scroll } from "../widgets/scroll.js";
import { tabMoved, tabPieces } from "../widgets/tabs.js";
import { useKeys } from "../widgets/use-keys.js";
import { attemptLines } from "./experiment-detail/attempts.js";
import { configLines } from "./experiment-detail/config.js";
import { historyLines } from "./experiment-detail/history.js";
import { Outputs } from "./experiment-detail/outputs.js";
import { Overview } from "./experiment-detail/overview.js";
import { qcLines } from "./experiment-detail/qc.js";

const size = { width: 124, height: 44 };
const titles: Readonly<Record<ExperimentTab, string>> = {
  overview: "Overview",
  qc: "QC",
  history: "History",
  attempts: "Attempts",
  outputs: "Outputs",
  config: "Config",
};
/** The tabs and a blank row. */
const headRows = 2;

type ExperimentOverlay = Extract<Overlay, { kind: "experiment" }>;

/** Everything that is known of an experiment, in tabs. It goes on being live while it is open. */
export function ExperimentDetail({ overlay }: { readonly overlay: ExperimentOverlay }) {
  const { look } = useUi();
  const row = useApp((state) => visibleExperiments(state.experiments).byId(overlay.id));
  const tab = useTab(overlay);
  const file = useApp(({ experimentDetail }) => experimentDetail.file);
  if (row === undefined) return <Gone />;
  const status = experimentLook[row.status];
  return (
    <Dialog
      title={`${row.experimentId}  ${row.title}`}
      note={`${glyph(status.glyph, look)} ${status.word}`}
      {...size}
      keys={tab === "outputs" && file !== null ? fileKeys(look) : keysOf(tab, row, look)}
    >
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Line width={width} pieces={tabPieces(experimentTabs, titles, tab)} />
          <Box marginTop={1} flexDirection="column">
            <Tab key={tab} row={row} tab={tab} inner={{ width, height: Math.max(1, height - headRows) }} />
          </Box>
        </Box>
      )}
    </Dialog>
  );
}

/** Until the effect has opened it, the one that was asked for. */
function useTab(overlay: ExperimentOverlay): ExperimentTab {
  const opened = useApp(({ experimentDetail: { experimentId, tab } }) => (experimentId === overlay.id ? tab : null));
  return opened ?? overlay.tab ?? "overview";
}

function Gone() {
  const { store } = useUi();
  useKeys(({ name }) => {
    if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
  });
  return (
    <Dialog title="Experiment" {...size} height={6} keys={[{ key: "Esc", does: "close" }]}>
      {() => <Label tone="text.muted">It is not in this lab any more.</Label>}
    </Dialog>
  );
}

const arrows = (look: Look, does: string): KeyHint => ({ key: look.unicode ? "↑↓" : "Up Down", does });

function keysOf(tab: ExperimentTab, { status }: Experiment, look: Look): readonly KeyHint[] {
  const parts: KeyHint = { key: "Tab 1-6", does: "parts" };
  const close: KeyHint = { key: "Esc", does: "close" };
  const isJudged = status === "pass" || status === "fail";
  if (tab === "outputs") {
    const own: readonly KeyHint[] = [
      { key: "Enter", does: "read" },
      { key: "S", does: "save" },
      { key: "y", does: "copy path" },
    ];
    return [parts, arrows(look, "choose"), ...own, close];
  }
  if (tab === "qc" && isJudged) {
    const own: readonly KeyHint[] = [
      { key: "v", does: "judge again" },
      { key: "V", does: "override" },
    ];
    return [parts, arrows(look, "scroll"), ...own, close];
  }
  return [parts, arrows(look, "scroll"), { key: "Enter", does: "its log" }, close];
}

const fileKeys = (look: Look): readonly KeyHint[] => [
  arrows(look, "scroll"),
  { key: "S", does: "save" },
  { key: "Esc", does: "back to the list" },
];

interface TabProps {
  readonly row: Experiment;
  readonly tab: ExperimentTab;
  readonly inner: DialogSize;
}

function Tab({ row, tab, inner }: TabProps) {
  const onKey = useTabKeys(row, tab);
  if (tab === "outputs") return <Outputs {...inner} onKey={onKey} />;
  if (tab === "overview")
    return (
      <Scroll {...inner} onKey={onKey}>
        <Overview row={row} width={inner.width} />
      </Scroll>
    );
  return <LinesTab row={row} tab={tab} inner={inner} onKey={onKey} />;
}

interface LinesTabProps extends TabProps {
  readonly tab: Exclude<ExperimentTab, "outputs" | "overview">;
  readonly onKey: (name: string) => void;
}

function LinesTab({ row, tab, inner, onKey }: LinesTabProps) {
  const { look } = useUi();
  const parts = useApp((state) => state.experimentDetail.parts);
  const podRows = useApp((state) => state.pods.rows);
  const nowMs = useApp((state) => state.view.nowMs);
  const { width } = inner;
  const lines: Readonly<Record<LinesTabProps["tab"], () => readonly TabLine[]>> = {
    qc: () => qcLines(row, parts.qc, { width, look }),
    history: () => historyLines(parts.history, { width, look }),
    attempts: () => attemptLines(parts.attempts, { width, look, nowMs, podRows }),
    config: () => configLines(row),
  };
  return <Lines lines={lines[tab]()} {...inner} onKey={onKey} />;
}

/** Keys of every tab; what it does to the experiment is done by the commands of the queue. */
function useTabKeys(row: Experiment, tab: ExperimentTab): (name: string) => void {
  const { store, runner } = useUi();
  const close = { type: "view/overlayClosed" } as const;
  return (name) => {
    const moved = tabMoved(experimentTabs, tab, name);
    if (name === "esc") store.dispatch(close);
    else if (moved !== undefined)
      store.dispatch({ type: "experimentDetail/tabbed", experimentId: row._id, tab: moved });
    else if (name === "enter" && tab !== "outputs")
      store.dispatchAll([close, { type: "experiments/selected", id: row._id }, { type: "view/focused", pane: "log" }]);
    else if (name === "v") void runner.run("experiment.rerunQc");
    else if (name === "V") void runner.run("experiment.overrideQc");
  };
}
