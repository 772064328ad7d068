import { defineCommand } from "../command.js";
import { type Overlay, type PaneId, paneIds, paneNumbers } from "../slices/view.js";
import type { AppState, Dispatch } from "../store.js";

const open = (dispatch: Dispatch, overlay: Overlay) => dispatch({ type: "view/overlayOpened", overlay });

const help = defineCommand({
  id: "app.help",
  title: "Help",
  about: "Lists every action with its key; type to search, Enter runs the chosen one.",
  keys: ["?"],
  scope: "everywhere",
  footer: { order: 99, label: "help" },
  run: ({ dispatch }) => open(dispatch, { kind: "help" }),
});

const palette = defineCommand({
  id: "app.palette",
  title: "Command palette",
  about: "Finds an action, an experiment or a pod by name and goes there.",
  keys: [":"],
  scope: "everywhere",
  footer: { order: 98, label: "command" },
  run: ({ dispatch }) => open(dispatch, { kind: "palette" }),
});

const alerts = defineCommand({
  id: "app.alerts",
  title: "Alerts",
  about: "Lists what a person should look at, worst first; an alert can be acknowledged there.",
  keys: ["A"],
  scope: "everywhere",
  footer: { order: 97, label: "alerts" },
  run: ({ dispatch }) => open(dispatch, { kind: "alerts" }),
});

const activity = defineCommand({
  id: "app.activity",
  title: "Activity",
  about: "Lists what happens in the lab, by whom, live; and what was done here and what the server said to it.",
  keys: ["H"],
  scope: "everywhere",
  run: ({ dispatch }) => open(dispatch, { kind: "activity" }),
});

const connect = defineCommand({
  id: "app.connect",
  title: "Connections",
  about: "Says what this screen is attached to, what that can't do, and what else it can be attached to.",
  keys: [],
  scope: "everywhere",
  run: ({ dispatch }) => open(dispatch, { kind: "connect" }),
});

const leave = defineCommand({
  id: "app.leave",
  title: "Leave",
  about: "Closes the control room. Experiments go on; the next start shows the same view again.",
  keys: ["q", "ctrl-c"],
  scope: "everywhere",
  run: ({ host }) => host.leave(),
});

const suspend = defineCommand({
  id: "app.suspend",
  title: "Suspend",
  about: "Puts the control room in the background of the shell; `fg` brings it back.",
  keys: ["ctrl-z"],
  scope: "everywhere",
  run: ({ host }) => host.suspend(),
});

const redraw = defineCommand({
  id: "app.redraw",
  title: "Redraw",
  about: "Draws the whole screen again, for when another program has written over it.",
  keys: ["ctrl-l"],
  scope: "everywhere",
  run: ({ host }) => host.redraw(),
});

const zoom = defineCommand({
  id: "app.zoom",
  title: "Zoom",
  about: "Gives the focused pane the whole screen, and back.",
  keys: ["z"],
  scope: "everywhere",
  footer: { order: 90, label: "zoom" },
  run: ({ state, dispatch }) => dispatch({ type: "view/zoomed", zoomed: !state.view.zoomed }),
});

function paneBeside(pane: PaneId, step: 1 | -1): PaneId {
  return paneIds[(paneIds.indexOf(pane) + step + paneIds.length) % paneIds.length] ?? pane;
}

const nextPane = defineCommand({
  id: "app.nextPane",
  title: "Next pane",
  about: "Moves the focus to the next pane.",
  keys: ["tab"],
  scope: "everywhere",
  run: ({ state, dispatch }) => dispatch({ type: "view/focused", pane: paneBeside(state.view.focus, 1) }),
});

const previousPane = defineCommand({
  id: "app.previousPane",
  title: "Previous pane",
  about: "Moves the focus to the pane before.",
  keys: ["shift-tab"],
  scope: "everywhere",
  run: ({ state, dispatch }) => dispatch({ type: "view/focused", pane: paneBeside(state.view.focus, -1) }),
});

const focusPane = (pane: PaneId) => {
  const number = paneNumbers[pane];
  return defineCommand({
    id: `app.focus${number}`,
    title: `Focus ${pane}`,
    about: `Moves the focus to pane ${number}, ${pane}.`,
    keys: [String(number)],
    scope: "everywhere",
    run: ({ dispatch }) => dispatch({ type: "view/focused", pane }),
  });
};

/** What Esc undoes, nearest first: marks, filter or search of the pane, zoom. */
function backwards(state: AppState): Parameters<Dispatch>[0] | null {
  const inPane = backInPane(state);
  if (inPane !== null) return inPane;
  const { view } = state;
  if (view.zoomed) return { type: "view/zoomed", zoomed: false };
  return view.focus === "queue" ? null : { type: "view/focused", pane: "queue" };
}

function backInPane({ view, experiments, log, pods }: AppState): Parameters<Dispatch>[0] | null {
  if (view.focus === "costs") return null;
  if (view.focus === "log") return log.search === null ? null : { type: "log/searched", search: null };
  if (view.focus === "pods") {
    if (pods.marked.length > 0) return { type: "pods/marksCleared" };
    return pods.filter === "" ? null : { type: "pods/filtered", filter: "" };
  }
  if (experiments.marked.length > 0) return { type: "experiments/marksCleared" };
  return experiments.filter === "" ? null : { type: "experiments/filtered", filter: "" };
}

const back = defineCommand({
  id: "app.back",
  title: "Back",
  about: "Closes what is open; else clears marks, filter or search; else ends the zoom; else goes to the queue.",
  keys: ["esc"],
  scope: "everywhere",
  disabledReason: (state) => (backwards(state) === null ? "nothing to go back from" : null),
  run({ state, dispatch }) {
    const event = backwards(state);
    if (event !== null) dispatch(event);
  },
});

const find = defineCommand({
  id: "app.find",
  title: "Filter or search",
  about: "Filters the list (`status:running gpu:h200 -title:test words`); in the log, searches a regular expression.",
  keys: ["/"],
  scope: "everywhere",
  footer: { order: 80, label: "find" },
  disabledReason: ({ view }) => (view.focus === "costs" ? "in lists and the log" : null),
  run({ state, dispatch }) {
    const { view, experiments, pods, log } = state;
    if (view.focus === "log") {
      open(dispatch, { kind: "prompt", purpose: "search", initial: log.search?.pattern ?? "" });
    } else {
      const initial = view.focus === "pods" ? pods.filter : experiments.filter;
      open(dispatch, { kind: "prompt", purpose: "filter", initial });
    }
  },
});

export const appCommands = [
  help,
  palette,
  find,
  alerts,
  activity,
  connect,
  nextPane,
  previousPane,
  ...paneIds.map(focusPane),
  zoom,
  back,
  redraw,
  suspend,
  leave,
];
