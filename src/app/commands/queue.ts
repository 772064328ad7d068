import { defineCommand } from "../command.js";
import { listMoved } from "../list-move.js";
import { targetIds, targetRows, withoutSelection } from "../row-action.js";
import { selectedExperiment } from "../selectors/visible-experiments.js";

const open = defineCommand({
  id: "queue.open",
  title: "Open the log",
  about: "Moves the focus to the log of the experiment under the cursor.",
  keys: ["enter"],
  scope: "queue",
  footer: { order: 1, label: "log" },
  disabledReason: withoutSelection,
  run: ({ dispatch }) => dispatch({ type: "view/focused", pane: "log" }),
});

const detail = defineCommand({
  id: "queue.detail",
  title: "Details",
  about: "Shows everything that is known of the experiment: config, result, quality checks, metrics.",
  keys: ["o"],
  scope: "queue",
  footer: { order: 2, label: "details" },
  disabledReason: withoutSelection,
  run({ state, dispatch }) {
    const row = selectedExperiment(state.experiments);
    if (row !== undefined) dispatch({ type: "view/overlayOpened", overlay: { kind: "experiment", id: row._id } });
  },
});

const bookmark = defineCommand({
  id: "queue.bookmark",
  title: "Bookmark",
  about: "Keeps the experiment at the top of the queue on this screen, or lets it go.",
  keys: ["b"],
  scope: "queue",
  disabledReason: withoutSelection,
  run({ state: { experiments }, dispatch }) {
    if (experiments.selectedId !== null) dispatch({ type: "experiments/bookmarkToggled", id: experiments.selectedId });
  },
});

const mark = defineCommand({
  id: "queue.mark",
  title: "Mark",
  about: "Marks the experiment and goes one down; stop, priority, restart and delete then act on all marked ones.",
  keys: ["space"],
  scope: "queue",
  disabledReason: withoutSelection,
  run({ state, dispatch }) {
    const { selectedId } = state.experiments;
    if (selectedId === null) return;
    dispatch({ type: "experiments/markToggled", id: selectedId });
    const down = listMoved(state, { by: "rows", count: 1 });
    if (down !== null) dispatch(down);
  },
});

const copyId = defineCommand({
  id: "queue.copyId",
  title: "Copy the id",
  about: "Copies the ids of the marked experiments, or of the one under the cursor, to the clipboard of your terminal.",
  keys: ["y"],
  scope: "queue",
  targets: targetIds,
  disabledReason: withoutSelection,
  run(context) {
    const text = targetRows(context)
      .map((row) => row.experimentId)
      .join(" ");
    const copied = context.host.copy(text);
    const notice = copied ? `copied ${text}` : "too long for the terminal's clipboard";
    context.dispatch({ type: "notice/shown", tone: copied ? "info" : "bad", text: notice, at: context.nowMs });
  },
});

export const queueCommands = [open, detail, mark, bookmark, copyId];
