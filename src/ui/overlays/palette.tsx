import { useMemo, useState } from "react";
import { type Command, reasonAgainst } from "../../app/command.js";
import { memoLast } from "../../app/memo.js";
import type { PaneId } from "../../app/slices/view.js";
import { type AppEvent, reduce } from "../../app/store.js";
import type { Experiment } from "../../contract/experiment.js";
import type { Pod } from "../../contract/pod.js";
import { toExperiment, toPod } from "../go-to.js";
import { useApp, useUi } from "../hooks.js";
import { newestFirst } from "../memory.js";
import { fit, type Piece } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { experimentLook, podLook, type StatusLook } from "../paint/status.js";
import type { Look } from "../panes/pane.js";
import { type CommandItemContext, commandItem } from "../widgets/command-item.js";
import { Finder, type FinderItem } from "../widgets/finder.js";
import { marked, mostFound, search } from "../widgets/search.js";

const size = { width: 92, height: 26 };

/** What choosing does: a command is run, everything else is a change of the screen. */
interface PaletteItem extends FinderItem {
  readonly does: { readonly commandId?: string; readonly events: readonly AppEvent[] };
}

/** `:` finds an action, an experiment, a pod or a pane and goes there; what was used last is on top. */
export function Palette() {
  const { store, runner, look, memory } = useUi();
  const { keymap } = runner;
  const state = useApp((whole) => whole);
  const { live, older } = state.experiments;
  const pods = state.pods.rows;
  const pool = useMemo(() => candidates({ commands: keymap.commands, live, older, pods }), [keymap, live, older, pods]);
  // The state changes with every line that comes; the search runs again only when there is something else to find.
  const [find] = useState(() => memoLast(found));
  const close: AppEvent = { type: "view/overlayClosed" };
  return (
    <Finder
      title="Go to or run"
      size={size}
      placeholder="action, experiment, pod or pane"
      keys={[
        { key: look.unicode ? "↑↓" : "Up Down", does: "choose" },
        { key: "Enter", does: "go or run" },
        { key: "Esc", does: "close" },
      ]}
      find={(query) => find(query, pool, memory.read().recent).map(({ item }) => item({ keymap, state, look, query }))}
      onChoose={({ id, does }) => {
        memory.keep({ recent: newestFirst(memory.read().recent, id) });
        store.dispatchAll([close, ...does.events]);
        if (does.commandId !== undefined) void runner.run(does.commandId);
      }}
      onClose={() => store.dispatch(close)}
    />
  );
}

/** One thing that can be found: its text for the search, and its row, made only when it is shown. */
interface Candidate {
  readonly id: string;
  readonly text: string;
  readonly item: (context: CommandItemContext) => PaletteItem;
}

/** What matches, best first; while nothing is typed what was used last, then the rest in order. */
function found(query: string, pool: readonly Candidate[], recent: readonly string[]): readonly Candidate[] {
  if (query.trim() !== "") return search(query, pool, ({ text }) => text);
  const known = new Map(pool.map((candidate) => [candidate.id, candidate]));
  const used = recent.flatMap((id) => known.get(id) ?? []);
  return [...used, ...pool.filter((candidate) => !used.includes(candidate))].slice(0, mostFound);
}

interface Sources {
  readonly commands: readonly Command[];
  readonly live: readonly Experiment[];
  readonly older: readonly Experiment[];
  readonly pods: readonly Pod[];
}

function candidates({ commands, live, older, pods }: Sources): readonly Candidate[] {
  return [
    ...commands.map(commandCandidate),
    ...panes.map(paneCandidate),
    ...live.map(experimentCandidate),
    ...older.map(experimentCandidate),
    ...pods.map(podCandidate),
    ...commands.filter(isOfOnePod).flatMap((command) => pods.map((pod) => podActionCandidate(command, pod))),
  ];
}

function commandCandidate(command: Command): Candidate {
  return {
    id: command.id,
    text: `${command.title} ${command.id}`,
    item: (context) => ({ ...commandItem(command, context), does: { commandId: command.id, events: [] } }),
  };
}

const panes: readonly { readonly pane: PaneId; readonly title: string; readonly about: string }[] = [
  { pane: "queue", title: "Queue", about: "Every experiment of the lab." },
  { pane: "log", title: "Log", about: "The output of the experiment under the cursor." },
  { pane: "pods", title: "Pods", about: "The machines, what they do and what they cost." },
  { pane: "chain", title: "Chain", about: "Convergence of the experiment under the cursor." },
  {
    pane: "costs",
    title: "Costs",
    about: "What is spent now, today and this month, what for, and how that stands to the budget.",
  },
];

function paneCandidate({ pane, title, about }: (typeof panes)[number]): Candidate {
  return {
    id: `pane:${pane}`,
    text: `${title} pane`,
    item: ({ query }) => ({
      id: `pane:${pane}`,
      refusal: null,
      about,
      pieces: () => [["text.muted", fit("pane", kindColumns)], ...marked(query, title)],
      does: { events: [{ type: "view/focused", pane }] },
    }),
  };
}

const kindColumns = 12;

function experimentCandidate(row: Experiment): Candidate {
  const name = `${row.experimentId} ${row.title}`;
  return {
    id: row._id,
    text: name,
    item: ({ state, look, query }) => ({
      id: row._id,
      refusal: null,
      about: `Puts the cursor of the queue on ${row.experimentId}.`,
      pieces: (width) =>
        targetPieces({ kind: "experiment", name, query, status: experimentLook[row.status] }, width, look),
      does: { events: toExperiment(state, row._id) },
    }),
  };
}

function podCandidate(pod: Pod): Candidate {
  return {
    id: pod._id,
    text: `${pod.name} ${pod.gpuType}`,
    item: ({ state, look, query }) => ({
      id: pod._id,
      refusal: null,
      about: `Puts the cursor of the fleet on ${pod.name}.`,
      pieces: (width) => targetPieces({ kind: "pod", name: pod.name, query, status: podLook[pod.status] }, width, look),
      does: { events: toPod(state, pod._id) },
    }),
  };
}

const podActions: readonly string[] = ["shell", "log", "start", "stop", "restart", "terminate", "deploy", "lock"];
const isOfOnePod = ({ id }: Command) => podActions.some((action) => id === `pods.${action}`);

/** `Stop chain-a`: puts the cursor of the fleet there and does it, with its question first. */
function podActionCandidate(command: Command, pod: Pod): Candidate {
  const name = `${command.title} ${pod.name}`;
  const id = `${command.id} ${pod._id}`;
  return {
    id,
    text: name,
    item({ state, look, query }) {
      const events: readonly AppEvent[] = [...toPod(state, pod._id), { type: "pods/marksCleared" }];
      const there = events.reduce(reduce, state);
      return {
        id,
        refusal: reasonAgainst(command, there),
        about: command.about,
        pieces: (width) => targetPieces({ kind: "pod", name, query, status: podLook[pod.status] }, width, look),
        does: { commandId: command.id, events },
      };
    },
  };
}

interface TargetText {
  readonly kind: string;
  readonly name: string;
  readonly query: string;
  readonly status: StatusLook;
}

function targetPieces({ kind, name, query, status }: TargetText, width: number, look: Look): readonly Piece[] {
  const word = `${glyph(status.glyph, look)} ${status.word}`;
  const room = Math.max(8, width - kindColumns - word.length - 2);
  const fitted = fit(name, room);
  const whole = fitted.startsWith(name);
  return [
    ["text.muted", fit(kind, kindColumns)],
    ...(whole ? marked(query, name) : ([["text.primary", fitted]] as const)),
    ["text.primary", `${whole ? fitted.slice(name.length) : ""}  `],
    [status.tone, word],
  ];
}
