import type { Pod } from "../../contract/pod.js";
import { defineCommand } from "../command.js";
import { actOnPods, isOwnMachine, onSelected, podRequest, selectedPodId } from "../pod-action.js";
import { stopDetails, terminateDetails } from "../pod-effect.js";
import { againstStop, againstTerminate, stopped } from "../pod-leave.js";
import { selectedPod } from "../selectors/visible-pods.js";

/** Words to type: they say what is given up. */
const discardWord = (pod: Pod) => `discard ${pod.name}`;
const lostEffect = (pod: Pod) => `Outputs of ${pod.unsynced.join(", ")} are only there. What can't be fetched is LOST.`;

/** With a volume nothing is lost by a stop: there is nothing to give up. */
function againstStopDiscarding(pod: Pod): string | null {
  const against = isOwnMachine(pod) ? "a machine of your own is not switched off from here" : againstStop(pod);
  if (against !== null) return against;
  if (pod.unsynced.length === 0) return "every output is home: x stops it";
  return (pod.volumeGb ?? 0) > 0 ? "its volume keeps the outputs: x stops it" : null;
}

const stopDiscarding = defineCommand({
  id: "pods.stopDiscarding",
  title: "Stop, outputs and all",
  about:
    "Stops a pod without a volume although outputs are only there and can't be fetched: they are lost. Asks for words.",
  keys: [],
  scope: "pods",
  changes: true,
  port: "pods.stop",
  targets: selectedPodId,
  disabledReason: onSelected(againstStopDiscarding),
  confirm({ pods }) {
    const pod = selectedPod(pods);
    if (pod === undefined) return null;
    const question = `Stop ${pod.name}?`;
    return {
      question,
      effect: lostEffect(pod),
      details: stopDetails(pod, { discards: true }),
      typed: discardWord(pod),
    };
  },
  run: actOnPods(againstStop, (pod) =>
    podRequest(pod, { title: "Stop", done: `${pod.name} is stopped, as read back` }, (connection) =>
      stopped(pod, connection.pods.stop(pod._id, { discardOutputs: true })),
    ),
  ),
});

const discard = defineCommand({
  id: "pods.discard",
  title: "Terminate, outputs and all",
  about: "Terminates a pod although outputs are only there and can't be fetched: they are lost. Asks for words.",
  keys: [],
  scope: "pods",
  changes: true,
  port: "pods.terminate",
  targets: selectedPodId,
  disabledReason: onSelected(
    (pod) => againstTerminate(pod) ?? (pod.unsynced.length === 0 ? "every output is home: T terminates it" : null),
  ),
  confirm({ pods }) {
    const pod = selectedPod(pods);
    if (pod === undefined) return null;
    return {
      question: `Terminate ${pod.name}?`,
      effect: lostEffect(pod),
      details: terminateDetails(pod),
      typed: discardWord(pod),
    };
  },
  run: actOnPods(againstTerminate, (pod) =>
    podRequest(pod, { title: "Terminate", done: `${pod.name} is terminated` }, (connection) =>
      connection.pods.terminate(pod._id, { discardOutputs: true }),
    ),
  ),
});

/** Leaving a pod whose outputs are lost by it. */
export const podDiscardCommands = [stopDiscarding, discard];
