import { Box } from "ink";
import { useState } from "react";
import { type PodTab, podTabs } from "../../app/pod-tabs.js";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import { podWindowsMs } from "../../app/slices/pods.js";
import type { Overlay } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import type { Experiment } from "../../contract/experiment.js";
import type { Pod } from "../../contract/pod.js";
import { toExperiment } from "../go-to.js";
import { useApp, useUi } from "../hooks.js";
import { gpuLabel } from "../paint/gpu-label.js";
import { glyph } from "../paint/look.js";
import { podLook } from "../paint/status.js";
import type { Look } from "../panes/pane.js";
import { Dialog, type KeyHint } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { Line } from "../widgets/line.js";
import { Lines, type TabLine } from "../widgets/lines.js";
import { tabMoved, tabPieces } from "../widgets/tabs.js";
import { useKeys } from "../widgets/use-keys.js";
import { gpuLines } from "./pod-detail/gpus.js";
import { isLogCut, type LogSource, logLines, logSources, logState } from "./pod-detail/log.js";
import { moneyLines } from "./pod-detail/money.js";
import { overviewLines } from "./pod-detail/overview.js";

const size = { width: 124, height: 44 };
const titles: Readonly<Record<PodTab, string>> = { overview: "Overview", gpus: "GPUs", money: "Money", log: "Log" };
/** The tabs and a blank row. */
const headRows = 2;

type PodOverlay = Extract<Overlay, { kind: "pod" }>;

/** Everything that is known of a pod, in tabs. It goes on being live while it is open. */
export function PodDetail({ overlay }: { readonly overlay: PodOverlay }) {
  const { look } = useUi();
  const pod = useApp((state) => state.pods.rows.find((row) => row._id === overlay.id));
  const tab = useTab(overlay);
  if (pod === undefined) return <GonePod />;
  const status = podLook[pod.status];
  return (
    <Dialog
      title={`${pod.name}  ${gpuLabel(pod, { unicode: look.unicode, whole: true })}`}
      note={pod.trouble === null ? `${glyph(status.glyph, look)} ${status.word}` : `${glyph("fail", look)} in trouble`}
      {...size}
      keys={keysOf(tab, look)}
    >
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Line width={width} pieces={tabPieces(podTabs, titles, tab)} />
          <Box marginTop={1} flexDirection="column">
            <Tab key={tab} pod={pod} tab={tab} width={width} height={Math.max(1, height - headRows)} />
          </Box>
        </Box>
      )}
    </Dialog>
  );
}

/** Until the effect has opened it, the one that was asked for. */
function useTab(overlay: PodOverlay): PodTab {
  const opened = useApp(({ podDetail }) => (podDetail.podId === overlay.id ? podDetail.tab : null));
  return opened ?? overlay.tab ?? "overview";
}

function GonePod() {
  const { store } = useUi();
  useKeys(({ name }) => {
    if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
  });
  return (
    <Dialog title="Pod" {...size} keys={[{ key: "Esc", does: "close" }]}>
      {() => <Label tone="text.muted">It is not in this lab any more.</Label>}
    </Dialog>
  );
}

function keysOf(tab: PodTab, look: Look): readonly KeyHint[] {
  const scroll = { key: look.unicode ? "↑↓" : "Up Down", does: "scroll" };
  const own: readonly KeyHint[] =
    tab === "log"
      ? [
          { key: "f", does: "follow" },
          { key: "s", does: "source" },
        ]
      : tab === "gpus"
        ? [{ key: "[ ]", does: "window" }]
        : [];
  return [{ key: "Tab 1-4", does: "parts" }, scroll, ...own, { key: "Esc", does: "close" }];
}

interface TabProps {
  readonly pod: Pod;
  readonly tab: PodTab;
  readonly width: number;
  readonly height: number;
}

function Tab({ pod, tab, width, height }: TabProps) {
  const { look } = useUi();
  const state = useApp((whole) => whole);
  const [source, setSource] = useState<LogSource>("all");
  const running = state.experiments.live.filter((row) => pod.experiments.includes(row.experimentId));
  const onKey = useTabKeys(pod._id, tab, running[0]);
  const lines = linesOf(tab, { pod, state, running, source, width, look });
  return (
    <Lines
      lines={lines}
      width={width}
      height={height}
      follows={tab === "log"}
      {...(tab === "log" && state.podDetail.logOpen && { state: logState(state, source), isCut: isLogCut(state) })}
      onKey={(name) => {
        if (name === "s" && tab === "log") setSource(next(logSources, source, 1));
        else onKey(name);
      }}
    />
  );
}

interface LinesContext {
  readonly pod: Pod;
  readonly state: AppState;
  readonly running: readonly Experiment[];
  readonly source: LogSource;
  readonly width: number;
  readonly look: Look;
}

function linesOf(tab: PodTab, { pod, state, running, source, width, look }: LinesContext): readonly TabLine[] {
  const { nowMs } = state.view;
  switch (tab) {
    case "overview":
      return overviewLines(pod, { running, nowMs, width, look });
    case "gpus":
      return gpuLines(pod, { detail: state.podDetail, windowMs: state.pods.windowMs, width, look });
    case "money":
      return moneyLines(pod, { state, nowMs, width, look });
    case "log":
      return logLines(state.podDetail, source);
  }
}

function useTabKeys(podId: string, tab: PodTab, first: Experiment | undefined): (name: string) => void {
  const { store } = useUi();
  const close = { type: "view/overlayClosed" } as const;
  return (name) => {
    const state = store.api.getState();
    const moved = tabMoved(podTabs, tab, name);
    if (name === "esc") store.dispatch(close);
    else if (moved !== undefined) store.dispatch({ type: "podDetail/tabbed", podId, tab: moved });
    else if (name === "[" || name === "]") store.dispatch(windowed(state, name === "[" ? 1 : -1));
    else if (name === "enter" && first !== undefined && visibleExperiments(state.experiments).byId(first._id)) {
      store.dispatchAll([close, ...toExperiment(state, first._id)]);
    }
  };
}

function next<T>(list: readonly T[], from: T, step: 1 | -1): T {
  return list[(list.indexOf(from) + step + list.length) % list.length] ?? from;
}

/** The next longer or shorter window; it stays at the ends. As in the fleet `[` looks further back. */
function windowed({ pods }: AppState, step: 1 | -1) {
  const at = podWindowsMs.findIndex((windowMs) => windowMs === pods.windowMs) + step;
  return { type: "pods/windowed", windowMs: podWindowsMs[at] ?? pods.windowMs } as const;
}
