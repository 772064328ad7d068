import type { Experiment } from "../../contract/experiment.js";
import { type Command, defineCommand } from "../command.js";
import { sendAll } from "../request.js";
import {
  act,
  changed,
  names,
  noneFits,
  nothingSelected,
  onRows,
  type RowAction,
  targetIds,
  targetRows,
} from "../row-action.js";
import { targetExperiments, visibleExperiments } from "../selectors/visible-experiments.js";
import type { AppState } from "../store.js";

const hasEnded = ({ status }: Experiment) => status === "pass" || status === "fail";

const queueAction: RowAction = {
  against: ({ status, experimentId }) =>
    status === "blocked" || status === "draft" ? null : `${experimentId} does not wait to be queued`,
  request: (row) => ({
    title: `${row.status === "draft" ? "Queue" : "Unblock"} ${row.experimentId}`,
    target: row._id,
    done: `${row.experimentId} is in the queue${row.status === "draft" ? "" : " again"}`,
    send: (connection) => changed(connection.experiments.patch(row._id, { status: "queued" })),
  }),
};

const unblock = defineCommand({
  id: "experiment.unblock",
  title: "Queue or unblock",
  about: "Puts a draft into the queue, or a blocked experiment back into it.",
  keys: ["u"],
  scope: "queue",
  changes: true,
  port: "experiments.patch",
  ...onRows(queueAction, "Queue"),
});

const resumeAction: RowAction = {
  against(row) {
    if (row.status === "pass") return `${row.experimentId} has passed: copy it`;
    if (row.status !== "fail") return `${row.experimentId} has not ended`;
    return row.attempt === 0 ? `${row.experimentId} was never started: restart it` : null;
  },
  request: (row) => ({
    title: `Resume ${row.experimentId}`,
    target: row._id,
    done: `${row.experimentId} is queued again and goes on from its last checkpoint`,
    send: (connection) => changed(connection.experiments.resume(row._id)),
  }),
};

const resume = defineCommand({
  id: "experiment.resume",
  title: "Resume",
  about: "Queues a failed or cancelled experiment again, to go on from its last checkpoint instead of from the start.",
  keys: ["R"],
  scope: "queue",
  changes: true,
  port: "experiments.resume",
  ...onRows(resumeAction, "Resume"),
});

/** What still may change its queue. */
const againstMoving = ({ status, experimentId }: Experiment) =>
  status === "draft" || status === "queued" || status === "blocked" ? null : `${experimentId} is not waiting`;

const moveToQueue = defineCommand({
  id: "experiment.moveToQueue",
  title: "Move to a queue",
  about: "Moves waiting experiments and drafts to another queue of the lab.",
  keys: ["m"],
  scope: "queue",
  changes: true,
  port: "experiments.patch",
  targets: targetIds,
  disabledReason(state) {
    const reason = noneFits(state, againstMoving);
    if (reason !== null) return reason;
    return state.queues.rows.length > 1 ? null : "there is no other queue: Q, then n makes one";
  },
  confirm({ experiments, queues }) {
    const rows = targetExperiments(experiments).filter((row) => againstMoving(row) === null);
    const own = new Set(rows.map(({ queue }) => queue));
    return {
      question: `Move ${names(rows)} to which queue?`,
      effect: "Its place among the queues and how many run at once decide when they start.",
      options: queues.rows.map(({ _id, name, status, counts, concurrency }) => ({
        id: _id,
        label: name,
        about: [
          status === "paused" ? "paused" : `${counts.running} running`,
          `${counts.queued} waiting`,
          ...(concurrency === null ? [] : [`at most ${concurrency} at once`]),
        ].join(", "),
        refusal: own.size === 1 && own.has(name) ? (rows.length === 1 ? "it is there" : "they are there") : null,
      })),
    };
  },
  async run(context) {
    const queue = context.state.queues.rows.find(({ _id }) => _id === context.choice);
    if (queue === undefined) return;
    await act({
      against: againstMoving,
      request: (row) => ({
        title: `Move ${row.experimentId}`,
        target: row._id,
        done: `${row.experimentId} is in ${queue.name}`,
        send: (connection) => changed(connection.experiments.patch(row._id, { queue: queue.name })),
      }),
    })(context);
  },
});

/** The experiment whose detail is open, else those of the list. */
function judgedRows(state: AppState): readonly Experiment[] {
  const top = state.view.overlays.at(-1);
  if (top?.kind !== "experiment") return targetExperiments(state.experiments);
  const row = visibleExperiments(state.experiments).byId(top.id);
  return row === undefined ? [] : [row];
}

const againstJudging = (row: Experiment) =>
  hasEnded(row) && row.attempt > 0 ? null : `${row.experimentId} has no ended run`;

const judgedIds: NonNullable<Command["targets"]> = (state) => judgedRows(state).map(({ _id }) => _id);

function noneJudged(state: AppState): string | null {
  const reasons = judgedRows(state).map(againstJudging);
  return reasons.includes(null) ? null : (reasons[0] ?? nothingSelected);
}

const keep = "keep";
const drop = "drop";

const rerunQc = defineCommand({
  id: "experiment.rerunQc",
  title: "Judge again",
  about:
    "Runs the quality checks again over the files that are there, as after a change of bounds; nothing else is run.",
  keys: ["v"],
  scope: "queue",
  changes: true,
  port: "qc.rerun",
  targets: judgedIds,
  disabledReason: noneJudged,
  confirm(state) {
    const rows = judgedRows(state).filter((row) => againstJudging(row) === null);
    const decided = rows.filter(({ qc }) => (qc?.override ?? null) !== null);
    if (decided.length > 0) {
      return {
        question: `Judge ${names(rows)} again?`,
        effect: `Somebody decided over the checks of ${names(decided)}.`,
        options: [
          { id: keep, label: "keep the decision", about: "the checks are run, the verdict stays", refusal: null },
          { id: drop, label: "drop the decision", about: "the verdict is that of the checks again", refusal: null },
        ],
      };
    }
    return rows.length < 2
      ? null
      : { question: `Judge ${rows.length} experiments again?`, effect: `${names(rows)}. Their status follows.` };
  },
  async run(context) {
    const rows = targetRows(context).filter((row) => againstJudging(row) === null);
    await sendAll(
      context,
      rows.map((row) => ({
        title: `Judge ${row.experimentId}`,
        target: row._id,
        done: `${row.experimentId} was judged again`,
        async send({ qc, experiments }) {
          await qc.rerun(row._id, { clearOverride: context.choice === drop });
          return await changed(experiments.get(row._id));
        },
      })),
    );
  },
});

/** What a decision over the checks would make of it. */
const other = (row: Experiment) => ((row.qc?.verdict ?? row.status) === "pass" ? "fail" : "pass");

const overrideQc = defineCommand({
  id: "experiment.overrideQc",
  title: "Override the verdict",
  about: "Decides over the quality checks: a failed run passes, a passed one fails, with a note that says why.",
  keys: ["V"],
  scope: "queue",
  changes: true,
  port: "qc.override",
  targets: (state) => judgedIds(state).slice(0, 1),
  disabledReason(state) {
    const rows = judgedRows(state);
    return rows.length > 1 ? "one at a time: each needs its own note" : noneJudged(state);
  },
  confirm(state) {
    const [row] = judgedRows(state);
    if (row === undefined) return null;
    const verdict = other(row);
    return {
      question: `${verdict === "pass" ? "Pass" : "Fail"} ${row.experimentId} ${row.title}?`,
      effect:
        verdict === "pass"
          ? "It counts as passed from now on, and what waits for it may start. The checks stay as they are."
          : "It counts as failed from now on, and what waits for it is blocked. The checks stay as they are.",
      writes: { label: "Why", placeholder: "the note stays with the experiment", initial: "" },
    };
  },
  async run(context) {
    const [row] = targetRows(context);
    const note = context.choice ?? "";
    if (row === undefined || note === "") return;
    const verdict = other(row);
    await sendAll(context, [
      {
        title: `Override ${row.experimentId}`,
        target: row._id,
        done: `${row.experimentId} counts as ${verdict === "pass" ? "passed" : "failed"}`,
        async send({ qc, experiments }) {
          await qc.override(row._id, { verdict, note });
          return await changed(experiments.get(row._id));
        },
      },
    ]);
  },
});

export const experimentRunCommands = [unblock, resume, moveToQueue, rerunQc, overrideQc];
