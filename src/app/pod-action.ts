import type { Connection } from "../contract/connection.js";
import type { Pod } from "../contract/pod.js";
import type { CommandContext } from "./command.js";
import type { Request } from "./request.js";
import { sendAll } from "./request.js";
import { selectedPod } from "./selectors/visible-pods.js";
import type { AppEvent, AppState } from "./store.js";

const nothingSelected = "select a pod";

/** A machine of one's own can't be switched off from here: stopping its pod only keeps new work away. */
export const isOwnMachine = (pod: Pod) => pod.provider === "local" || pod.provider === "ssh";

/** Marked pods, else the one under the cursor. */
export function targetPods({ pods }: Pick<AppState, "pods">): readonly Pod[] {
  if (pods.marked.length > 0) return pods.rows.filter(({ _id }) => pods.marked.includes(_id));
  const pod = selectedPod(pods);
  return pod === undefined ? [] : [pod];
}

export const targetPodIds = (state: AppState) => targetPods(state).map(({ _id }) => _id);
export const selectedPodId = ({ pods }: AppState) => (pods.selectedId === null ? [] : [pods.selectedId]);

/** Pods the command was asked for, as they are now. */
export function askedPods({ state, targets }: CommandContext): readonly Pod[] {
  return targets.flatMap((id) => state.pods.rows.find(({ _id }) => _id === id) ?? []);
}

export type PodAgainst = (pod: Pod) => string | null;

/** Why a command can't act on the pod under the cursor. */
export const onSelected =
  (against: PodAgainst) =>
  (state: AppState): string | null => {
    const pod = selectedPod(state.pods);
    return pod === undefined ? nothingSelected : (busy(state, pod) ?? against(pod));
  };

/** Why a command that only shows something can't; one that is pending on the pod is no reason. */
export const onSelectedShown =
  (against: PodAgainst = () => null) =>
  (state: AppState): string | null => {
    const pod = selectedPod(state.pods);
    return pod === undefined ? nothingSelected : against(pod);
  };

/** Why a command can act on none of the pods it would; null when there is one. */
export const onTargets =
  (against: PodAgainst) =>
  (state: AppState): string | null => {
    const reasons = targetPods(state).map((pod) => busy(state, pod) ?? against(pod));
    return reasons.includes(null) ? null : (reasons[0] ?? nothingSelected);
  };

/** What was asked of it before has not been answered yet. */
function busy({ actions }: AppState, pod: Pod): string | null {
  const pending = actions.pending.find(({ target }) => target === pod._id);
  return pending === undefined ? null : `wait: ${pending.title}`;
}

/** The pods among the targets that a command can act on. */
export const fittingPods = (state: AppState, against: PodAgainst) =>
  targetPods(state).filter((pod) => against(pod) === null);

/** Sends a request for every pod it can act on; marks are cleared when all went well. */
export const actOnPods = (against: PodAgainst, request: (pod: Pod) => Request) =>
  async function run(context: CommandContext): Promise<void> {
    const pods = askedPods(context).filter((pod) => against(pod) === null);
    const failures = await sendAll(context, pods.map(request));
    if (failures.length === 0 && context.targets.length > 1) context.dispatch({ type: "pods/marksCleared" });
  };

/** A request about a pod that answers the pod as it is afterwards. */
export function podRequest(
  pod: Pod,
  words: { readonly title: string; readonly done: string },
  send: (connection: Connection) => Promise<Pod>,
): Request {
  return {
    title: `${words.title} ${pod.name}`,
    target: pod._id,
    done: words.done,
    send: async (connection): Promise<AppEvent> => ({ type: "pods/changed", row: await send(connection) }),
  };
}

/** Why a provider would refuse to switch it, whatever is asked. */
export function lockedReason(pod: Pod): string | null {
  return pod.locked ? `${pod.name} is locked: L unlocks` : null;
}
