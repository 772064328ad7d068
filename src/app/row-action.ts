import type { Experiment } from "../contract/experiment.js";
import type { CommandContext } from "./command.js";
import type { Question } from "./question.js";
import { type Request, sendAll } from "./request.js";
import { selectedExperiment, targetExperiments, visibleExperiments } from "./selectors/visible-experiments.js";
import type { AppEvent, AppState } from "./store.js";

/** Why a command on the row under the cursor can't run without one. */
export const nothingSelected = "select an experiment";

/** Document ids of the rows a command on experiments acts on. */
export const targetIds = ({ experiments }: AppState) => targetExperiments(experiments).map((row) => row._id);

/** Rows the command was asked for, as they are now. */
export function targetRows({ state, targets }: CommandContext): readonly Experiment[] {
  const view = visibleExperiments(state.experiments);
  return targets.flatMap((id) => view.byId(id) ?? []);
}

/** Marked rows a command can't act on are left out, and the question says so; null when there is one it can act on. */
export function noneFits(state: AppState, against: (row: Experiment) => string | null): string | null {
  const reasons = targetExperiments(state.experiments).map(against);
  return reasons.includes(null) ? null : (reasons[0] ?? nothingSelected);
}

/** A command on one experiment at a time. */
export interface RowAction {
  /** Why it can't act on that row; null when it can. */
  readonly against: (row: Experiment) => string | null;
  readonly request: (row: Experiment) => Request;
}

/** Sends the request for every row it can act on; marks are cleared when all went well. */
export const act = ({ against, request }: RowAction) =>
  async function run(context: CommandContext): Promise<void> {
    const rows = targetRows(context).filter((row) => against(row) === null);
    const failures = await sendAll(context, rows.map(request));
    if (failures.length === 0 && context.state.experiments.marked.length > 0) {
      context.dispatch({ type: "experiments/marksCleared" });
    }
  };

/** What a command has that acts on every fitting row; `effect` begins the question that is asked before it acts on several. */
export const onRows = (action: RowAction, effect: string) => ({
  targets: targetIds,
  disabledReason: (state: AppState) => noneFits(state, action.against),
  confirm: (state: AppState) => askBulk(state, action.against, effect),
  run: act(action),
});

export const changed = async (answer: Promise<Experiment>): Promise<AppEvent> => ({
  type: "experiments/changed",
  row: await answer,
});

const listed = 5;

/** `EXP-054, EXP-055 and 3 more`. */
export function names(rows: readonly Experiment[]): string {
  const first = rows.slice(0, listed).map((row) => row.experimentId);
  const rest = rows.length - first.length;
  return rest === 0 ? first.join(", ") : `${first.join(", ")} and ${rest} more`;
}

/** Asked before something is done to several at once; one at a time is not asked. */
export function askBulk(state: AppState, against: RowAction["against"], effect: string): Question | null {
  const targets = targetExperiments(state.experiments);
  const rows = targets.filter((row) => against(row) === null);
  if (targets.length < 2) return null;
  const left = targets.length - rows.length;
  const skipped = left === 0 ? "" : ` ${left} of the marked can't be: they are left as they are.`;
  return { question: `${effect} ${rows.length} experiments?`, effect: `${names(rows)}.${skipped}` };
}

/** For commands on the one row under the cursor. */
export function withoutSelection({ experiments }: AppState): string | null {
  return selectedExperiment(experiments) === undefined ? nothingSelected : null;
}
