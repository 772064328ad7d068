import type { Connection } from "../../contract/connection.js";
import type { Experiment } from "../../contract/experiment.js";
import { priorities, priorityRank } from "../../contract/vocabulary.js";
import { type Command, defineCommand } from "../command.js";
import { configOf, draftOf, emptyDraft } from "../draft.js";
import { editedConfig } from "../edit-config.js";
import { sendAll } from "../request.js";
import { act, changed, names, noneFits, onRows, type RowAction, targetIds, withoutSelection } from "../row-action.js";
import { launchSamples } from "../samples.js";
import { selectedExperiment, targetExperiments, visibleExperiments } from "../selectors/visible-experiments.js";
import type { AppState } from "../store.js";

/** The form can be filled in while the link is not up: what was typed stays in it until it can be sent. */
const noForm = ({ link }: AppState) => link.missing["experiments.create"] ?? null;

const create = defineCommand({
  id: "experiment.new",
  title: "New experiment",
  about: "Opens the form for a new experiment: template, title, compute, priority, config.",
  keys: ["n"],
  scope: "queue",
  changes: true,
  footer: { order: 10, label: "new" },
  disabledReason: noForm,
  run: ({ dispatch }) =>
    dispatch({ type: "view/overlayOpened", overlay: { kind: "newExperiment", draft: emptyDraft } }),
});

/** Below the queue's own Enter, which has nothing to open while there is no experiment. */
const sample = defineCommand({
  id: "experiment.samples",
  title: "Launch the samples",
  about:
    "Queues one experiment of each template, in a lab that has never had any: small real runs of a few CPU minutes.",
  keys: ["enter"],
  scope: "lists",
  changes: true,
  port: "experiments.create",
  footer: { order: 1, label: "launch the samples" },
  disabledReason({ view, experiments, actions }) {
    if (view.focus !== "queue") return "in the queue";
    if (!experiments.loaded || experiments.failure !== null) return "the queue is not known yet";
    if (actions.pending.length > 0) return "being launched";
    return visibleExperiments(experiments).total === 0 ? null : "only in an empty lab";
  },
  async run(context) {
    await sendAll(context, [
      {
        title: "Launch the samples",
        target: null,
        done: "the samples are queued",
        async send(connection) {
          const [first] = await launchSamples(connection);
          return first === undefined ? null : { type: "experiments/changed", row: first };
        },
      },
    ]);
  },
});

/** `up` is towards critical. */
function stepPriority(direction: "up" | "down"): Command {
  const step = direction === "up" ? -1 : 1;
  const next = (row: Experiment) => priorities[priorityRank[row.priority] + step];
  const action: RowAction = {
    against(row) {
      if (row.status !== "queued" && row.status !== "blocked") return `${row.experimentId} is not waiting`;
      return next(row) === undefined ? `already ${row.priority}` : null;
    },
    request: (row) => ({
      title: `Priority of ${row.experimentId}`,
      target: row._id,
      done: `${row.experimentId} is ${next(row) ?? row.priority} now`,
      send: (connection) => changed(connection.experiments.patch(row._id, { priority: next(row) ?? row.priority })),
    }),
  };
  return defineCommand({
    id: direction === "up" ? "experiment.priorityUp" : "experiment.priorityDown",
    title: `Priority ${direction}`,
    about: `Moves a waiting experiment one priority ${direction}: ${priorities.join(", ")}.`,
    keys: [direction === "up" ? "p" : "P"],
    scope: "queue",
    changes: true,
    port: "experiments.patch",
    ...(direction === "up" ? { footer: { order: 20, label: "priority" } } : {}),
    ...onRows(action, `Priority ${direction} for`),
  });
}

const cancelAction: RowAction = {
  against(row) {
    if (row.cancelRequested) return `${row.experimentId} is being stopped`;
    return row.status === "pass" || row.status === "fail" ? `${row.experimentId} has ended` : null;
  },
  request: (row) => ({
    title: `Cancel ${row.experimentId}`,
    target: row._id,
    done: row.status === "running" ? `${row.experimentId} is being stopped` : `${row.experimentId} is cancelled`,
    send: (connection) => changed(connection.experiments.cancel(row._id)),
  }),
};

const usualGraceSeconds = 10;

function graceSeconds(row: Experiment): number {
  const { graceSeconds: own } = configOf(row);
  return typeof own === "number" ? own : usualGraceSeconds;
}

function cancelEffect(rows: readonly Experiment[]): string {
  const running = rows.filter((row) => row.status === "running");
  const waiting = rows.length - running.length;
  const grace = Math.max(0, ...running.map(graceSeconds));
  return [
    ...(running.length === 0
      ? []
      : [
          `Stops ${running.length === 1 ? "its" : "their"} processes (TERM, KILL after ${grace} s); what was written stays.`,
        ]),
    ...(waiting === 0
      ? []
      : [`Takes ${rows.length === 1 ? "it" : `${waiting} waiting`} out of the queue before it has run.`]),
  ].join(" ");
}

const cancel = defineCommand({
  id: "experiment.cancel",
  title: "Stop or cancel",
  about: "Stops a running experiment, or takes a waiting one out of the queue. Asks first.",
  keys: ["x"],
  scope: "queue",
  changes: true,
  port: "experiments.cancel",
  footer: { order: 30, label: "stop" },
  targets: targetIds,
  disabledReason: (state) => noneFits(state, cancelAction.against),
  confirm({ experiments }) {
    const rows = targetExperiments(experiments).filter((row) => cancelAction.against(row) === null);
    const [only] = rows;
    if (only === undefined) return null;
    const effect = cancelEffect(rows);
    if (rows.length === 1) {
      const verb = only.status === "running" ? "Stop" : "Cancel";
      return { question: `${verb} ${only.experimentId} ${only.title}?`, effect };
    }
    return { question: `Stop or cancel ${rows.length} experiments?`, effect: `${names(rows)}. ${effect}` };
  },
  run: act(cancelAction),
});

const restartAction: RowAction = {
  against(row) {
    if (row.status === "fail") return null;
    return row.status === "pass" ? `${row.experimentId} has passed: copy it` : `${row.experimentId} has not ended`;
  },
  request: (row) => ({
    title: `Restart ${row.experimentId}`,
    target: row._id,
    done: `${row.experimentId} is queued again`,
    send: (connection) => changed(connection.experiments.restart(row._id)),
  }),
};

const restart = defineCommand({
  id: "experiment.restart",
  title: "Restart",
  about: "Queues a failed or cancelled experiment once more, with the same id and the next attempt.",
  keys: ["r"],
  scope: "queue",
  changes: true,
  port: "experiments.restart",
  ...onRows(restartAction, "Restart"),
});

const copy = defineCommand({
  id: "experiment.copy",
  title: "Copy to a new experiment",
  about: "Opens the form with everything of this experiment filled in.",
  keys: ["c"],
  scope: "queue",
  changes: true,
  disabledReason: (state) => noForm(state) ?? withoutSelection(state),
  run({ state, dispatch }) {
    const row = selectedExperiment(state.experiments);
    if (row !== undefined)
      dispatch({ type: "view/overlayOpened", overlay: { kind: "newExperiment", draft: draftOf(row) } });
  },
});

const edit = defineCommand({
  id: "experiment.edit",
  title: "Edit the config",
  about: "Opens the config in $EDITOR. An experiment keeps the config it was queued with, so this makes a copy of it.",
  keys: ["e"],
  scope: "queue",
  changes: true,
  disabledReason: (state) => noForm(state) ?? withoutSelection(state),
  async run({ state, dispatch, host }) {
    const row = selectedExperiment(state.experiments);
    if (row === undefined) return;
    const config = await editedConfig(host, configOf(row));
    if (config === null) return;
    dispatch({ type: "view/overlayOpened", overlay: { kind: "newExperiment", draft: { ...draftOf(row), config } } });
  },
});

const removeAction: RowAction = {
  against: (row) => (row.status === "running" ? `${row.experimentId} runs: stop it first` : null),
  request: (row) => ({
    title: `Delete ${row.experimentId}`,
    target: row._id,
    done: `${row.experimentId} is deleted`,
    async send(connection: Connection) {
      await connection.experiments.remove(row._id);
      return { type: "experiments/removed", id: row._id };
    },
  }),
};

const remove = defineCommand({
  id: "experiment.delete",
  title: "Delete",
  about: "Deletes an experiment and its log for good; files that the run has written stay. Asks for the id.",
  keys: ["D"],
  scope: "queue",
  changes: true,
  port: "experiments.remove",
  targets: targetIds,
  disabledReason: (state) => noneFits(state, removeAction.against),
  confirm({ experiments }) {
    const rows = targetExperiments(experiments).filter((row) => removeAction.against(row) === null);
    const [only] = rows;
    if (only === undefined) return null;
    const effect = "The record and the log go for good; files that the run has written stay.";
    if (rows.length === 1)
      return { question: `Delete ${only.experimentId} ${only.title}?`, effect, typed: only.experimentId };
    return {
      question: `Delete ${rows.length} experiments?`,
      effect: `${names(rows)}. ${effect}`,
      typed: `delete ${rows.length}`,
    };
  },
  run: act(removeAction),
});

export const experimentCommands = [
  create,
  sample,
  stepPriority("up"),
  stepPriority("down"),
  cancel,
  restart,
  copy,
  edit,
  remove,
];
