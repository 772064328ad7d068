import type { Pod } from "../../contract/pod.js";
import { defineCommand } from "../command.js";
import { sendAll } from "../request.js";
import { selectedPod } from "../selectors/visible-pods.js";
import type { AppState } from "../store.js";

const nothingSelected = "select a pod";

/** Why a pod is not there to be acted on; the reason of the row under the cursor otherwise. */
const reasonFor = (against: (pod: Pod) => string | null) => (state: AppState) => {
  const pod = selectedPod(state.pods);
  return pod === undefined ? nothingSelected : against(pod);
};
const selected = reasonFor(() => null);
const ids = ({ pods }: AppState) => (pods.selectedId === null ? [] : [pods.selectedId]);
const podNamed = (state: AppState, id: string | undefined) => state.pods.rows.find((pod) => pod._id === id);

const detail = defineCommand({
  id: "pods.detail",
  title: "Details",
  about: "Shows everything that is known of the pod: GPUs, memory, cost, what runs there.",
  keys: ["enter", "o"],
  scope: "pods",
  footer: { order: 1, label: "details" },
  disabledReason: selected,
  run({ state, dispatch }) {
    const pod = selectedPod(state.pods);
    if (pod !== undefined) dispatch({ type: "view/overlayOpened", overlay: { kind: "pod", id: pod._id } });
  },
});

const start = defineCommand({
  id: "pods.start",
  title: "Start",
  about: "Starts a stopped pod; one that drains takes new experiments again.",
  keys: ["s"],
  scope: "pods",
  changes: true,
  port: "pods.start",
  footer: { order: 10, label: "start" },
  targets: ids,
  disabledReason: reasonFor((pod) => {
    if (pod.status === "terminated") return `${pod.name} is terminated`;
    if (pod.status === "creating") return `${pod.name} is being created`;
    return pod.status === "running" && pod.acceptsWork ? `${pod.name} is running` : null;
  }),
  async run(context) {
    const pod = podNamed(context.state, context.targets[0]);
    if (pod === undefined) return;
    await sendAll(context, [
      {
        title: `Start ${pod.name}`,
        target: pod._id,
        done: pod.status === "running" ? `${pod.name} takes work again` : `${pod.name} is starting`,
        send: async (connection) => ({ type: "pods/changed", row: await connection.pods.start(pod._id) }),
      },
    ]);
  },
});

/** This machine can't be switched off from here: stopping its pod only keeps new work away. */
const isThisMachine = (pod: Pod) => pod.provider === "local";

function stopEffect(pod: Pod): string {
  const running = pod.experiments.join(", ");
  if (isThisMachine(pod)) {
    return running === ""
      ? "No new experiments start on it."
      : `No new experiments start on it; ${running} go on to their end.`;
  }
  const cut = running === "" ? "Nothing runs there." : `Cuts off ${running}.`;
  return `${cut} The GPUs are given back and stop costing; the volume stays and costs on.`;
}

const stop = defineCommand({
  id: "pods.stop",
  title: "Stop",
  about: "Stops a pod, so that it no longer bills for GPUs; on this machine, takes no new experiments. Asks first.",
  keys: ["x"],
  scope: "pods",
  changes: true,
  port: "pods.stop",
  footer: { order: 20, label: "stop" },
  targets: ids,
  disabledReason: reasonFor((pod) => {
    if (pod.status === "running" || pod.status === "creating") {
      return isThisMachine(pod) && !pod.acceptsWork ? `${pod.name} takes no new work already` : null;
    }
    return `${pod.name} is ${pod.status}`;
  }),
  confirm(state) {
    const pod = selectedPod(state.pods);
    return pod === undefined ? null : { question: `Stop ${pod.name}?`, effect: stopEffect(pod) };
  },
  async run(context) {
    const pod = podNamed(context.state, context.targets[0]);
    if (pod === undefined) return;
    await sendAll(context, [
      {
        title: `Stop ${pod.name}`,
        target: pod._id,
        done: isThisMachine(pod) ? `${pod.name} takes no new experiments` : `${pod.name} is stopping`,
        send: async (connection) => ({ type: "pods/changed", row: await connection.pods.stop(pod._id) }),
      },
    ]);
  },
});

const copyName = defineCommand({
  id: "pods.copyName",
  title: "Copy the name",
  about: "Copies the pod's name to the clipboard of your terminal.",
  keys: ["y"],
  scope: "pods",
  disabledReason: selected,
  run({ state, dispatch, host, nowMs }) {
    const pod = selectedPod(state.pods);
    if (pod === undefined) return;
    const copied = host.copy(pod.name);
    const text = copied ? `copied ${pod.name}` : "too long for the terminal's clipboard";
    dispatch({ type: "notice/shown", tone: copied ? "info" : "bad", text, at: nowMs });
  },
});

export const podsCommands = [detail, start, stop, copyName];
