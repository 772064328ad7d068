import type { Pod } from "../../contract/pod.js";
import { defineCommand } from "../command.js";
import {
  actOnPods,
  fittingPods,
  isOwnMachine,
  lockedReason,
  onSelected,
  onTargets,
  podRequest,
  selectedPodId,
  targetPodIds,
  targetPods,
} from "../pod-action.js";
import {
  bulkDetails,
  drainEffect,
  restartDetails,
  startDetails,
  stopDetails,
  terminateDetails,
} from "../pod-effect.js";
import { againstStop, againstTerminate, offeringLoss, stopped } from "../pod-leave.js";
import type { Question } from "../question.js";
import { selectedPod } from "../selectors/visible-pods.js";
import type { AppState } from "../store.js";

function againstStart(pod: Pod): string | null {
  if (pod.status === "terminated") return `${pod.name} is terminated`;
  if (pod.status === "creating") return `${pod.name} is being created`;
  return pod.status === "running" && pod.acceptsWork ? `${pod.name} is running` : null;
}

const start = defineCommand({
  id: "pods.start",
  title: "Start",
  about: "Starts a stopped pod and says what it costs from then on; one that drains takes new experiments again.",
  keys: ["s"],
  scope: "pods",
  changes: true,
  port: "pods.start",
  footer: { order: 10, label: "start" },
  targets: targetPodIds,
  disabledReason: onTargets(againstStart),
  confirm(state) {
    const pods = fittingPods(state, againstStart);
    const [only] = pods;
    if (only === undefined) return null;
    if (targetPods(state).length > 1) return bulkQuestion(state, pods, "start");
    // Nothing is switched on: it only takes work again.
    if (isOwnMachine(only) || only.status === "running") return null;
    return {
      question: `Start ${only.name}?`,
      effect: "",
      details: startDetails(only, state.view.nowMs, state.stock.rows ?? []),
    };
  },
  run: actOnPods(againstStart, (pod) =>
    podRequest(
      pod,
      {
        title: "Start",
        done:
          pod.status === "running" || isOwnMachine(pod) ? `${pod.name} takes work again` : `${pod.name} is starting`,
      },
      (connection) => connection.pods.start(pod._id),
    ),
  ),
});

const stop = defineCommand({
  id: "pods.stop",
  title: "Stop",
  about:
    "Stops pods, so that they no longer bill for GPUs: says what is cut off, what is saved and what costs on. On a machine of your own, takes no new experiments. Asks first.",
  keys: ["x"],
  scope: "pods",
  changes: true,
  port: "pods.stop",
  footer: { order: 20, label: "stop" },
  targets: targetPodIds,
  disabledReason: onTargets(againstStop),
  confirm(state) {
    const pods = fittingPods(state, againstStop);
    const [only] = pods;
    if (only === undefined) return null;
    if (targetPods(state).length > 1) return bulkQuestion(state, pods, "stop");
    const question = `Stop ${only.name}?`;
    return isOwnMachine(only)
      ? { question, effect: drainEffect(only) }
      : { question, effect: "", details: stopDetails(only) };
  },
  run: actOnPods(againstStop, (pod) =>
    podRequest(
      pod,
      {
        title: "Stop",
        done: isOwnMachine(pod) ? `${pod.name} takes no new experiments` : `${pod.name} is stopped, as read back`,
      },
      (connection) => offeringLoss(pod, "Stop, outputs and all", stopped(pod, connection.pods.stop(pod._id))),
    ),
  ),
});

function bulkQuestion(state: AppState, pods: readonly Pod[], verb: "start" | "stop"): Question {
  const left = targetPods(state).length - pods.length;
  const word = verb === "start" ? "Start" : "Stop";
  return {
    question: `${word} ${pods.length} ${pods.length === 1 ? "pod" : "pods"}?`,
    effect: left === 0 ? "" : `${left} of the marked can't be: they are left as they are.`,
    details: bulkDetails(pods, verb, state.stock.rows ?? []),
  };
}

function againstRestart(pod: Pod): string | null {
  if (isOwnMachine(pod)) return "a machine of your own is not restarted from here";
  if (pod.status === "terminated") return `${pod.name} is terminated`;
  return pod.status === "creating" ? `${pod.name} is being created` : lockedReason(pod);
}

const restart = defineCommand({
  id: "pods.restart",
  title: "Restart",
  about: "Restarts a running pod's container, or starts a stopped pod; says what is cut off. Asks first.",
  keys: ["r"],
  scope: "pods",
  changes: true,
  port: "pods.restart",
  targets: selectedPodId,
  disabledReason: onSelected(againstRestart),
  confirm(state) {
    const pod = selectedPod(state.pods);
    if (pod === undefined) return null;
    const isStart = pod.status === "stopped";
    const details = isStart ? startDetails(pod, state.view.nowMs, state.stock.rows ?? []) : restartDetails(pod);
    return { question: `Restart ${pod.name}?`, effect: isStart ? "It is stopped: this starts it." : "", details };
  },
  run: actOnPods(againstRestart, (pod) =>
    podRequest(pod, { title: "Restart", done: `${pod.name} is restarting` }, (connection) =>
      connection.pods.restart(pod._id),
    ),
  ),
});

const terminate = defineCommand({
  id: "pods.terminate",
  title: "Terminate",
  about:
    "Gives a pod back for good with its disks: says what is destroyed and which outputs are only there. Asks for its name.",
  keys: ["T"],
  scope: "pods",
  changes: true,
  port: "pods.terminate",
  targets: selectedPodId,
  disabledReason: onSelected(againstTerminate),
  confirm({ pods }) {
    const pod = selectedPod(pods);
    if (pod === undefined) return null;
    return { question: `Terminate ${pod.name}?`, effect: "", details: terminateDetails(pod), typed: pod.name };
  },
  run: actOnPods(againstTerminate, (pod) =>
    podRequest(pod, { title: "Terminate", done: `${pod.name} is terminated` }, (connection) =>
      offeringLoss(pod, "Terminate, outputs and all", connection.pods.terminate(pod._id)),
    ),
  ),
});

function againstLock(pod: Pod): string | null {
  if (isOwnMachine(pod)) return "a machine of your own has no lock";
  return pod.status === "terminated" ? `${pod.name} is terminated` : null;
}

const lock = defineCommand({
  id: "pods.lock",
  title: "Lock or unlock",
  about: "Locks a pod, so that it can be neither stopped nor restarted nor terminated, or unlocks it.",
  keys: ["L"],
  scope: "pods",
  changes: true,
  port: "pods.patch",
  targets: selectedPodId,
  disabledReason: onSelected(againstLock),
  run: actOnPods(againstLock, (pod) =>
    podRequest(
      pod,
      { title: pod.locked ? "Unlock" : "Lock", done: `${pod.name} is ${pod.locked ? "unlocked" : "locked"}` },
      (connection) => connection.pods.patch(pod._id, { locked: !pod.locked }),
    ),
  ),
});

export const podPowerCommands = [start, stop, restart, terminate, lock];
