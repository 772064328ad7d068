import type { Pod } from "../../contract/pod.js";
import { longDuration } from "../../core/duration.js";
import { type CommandContext, defineCommand } from "../command.js";
import { listMoved } from "../list-move.js";
import { onSelectedShown, onTargets } from "../pod-action.js";
import { selectedPod } from "../selectors/visible-pods.js";
import { podSorts, podWindowsMs } from "../slices/pods.js";
import { sshArgv, sshCommand, sshProblem } from "../ssh-command.js";

const selected = onSelectedShown();

const detail = defineCommand({
  id: "pods.detail",
  title: "Details",
  about: "Shows everything that is known of the pod: each GPU, ports, ssh, cost by day, what runs there, its log.",
  keys: ["enter"],
  scope: "pods",
  footer: { order: 1, label: "details" },
  disabledReason: selected,
  run({ state, dispatch }) {
    const pod = selectedPod(state.pods);
    if (pod !== undefined) dispatch({ type: "view/overlayOpened", overlay: { kind: "pod", id: pod._id } });
  },
});

const log = defineCommand({
  id: "pods.log",
  title: "Log of the pod",
  about: "Shows the pod's own log, live: what its container and the provider's system print.",
  keys: ["l"],
  scope: "pods",
  port: "pods.followLog",
  footer: { order: 40, label: "log" },
  disabledReason: selected,
  run({ state, dispatch }) {
    const pod = selectedPod(state.pods);
    if (pod !== undefined) dispatch({ type: "view/overlayOpened", overlay: { kind: "pod", id: pod._id, tab: "log" } });
  },
});

const mark = defineCommand({
  id: "pods.mark",
  title: "Mark",
  about: "Marks the pod and goes one down; start and stop then act on all marked ones.",
  keys: ["space"],
  scope: "pods",
  disabledReason: selected,
  run({ state, dispatch }) {
    const { selectedId } = state.pods;
    if (selectedId === null) return;
    dispatch({ type: "pods/markToggled", id: selectedId });
    const down = listMoved(state, { by: "rows", count: 1 });
    if (down !== null) dispatch(down);
  },
});

/** Why nobody can log in; null when one can. */
function noAccess(pod: Pod): string | null {
  if (pod.provider === "local") return "this is your machine";
  if (pod.ssh === null)
    return pod.sshReason ?? (pod.status === "running" ? "no ssh address yet" : `${pod.name} is ${pod.status}`);
  return sshProblem(pod.ssh);
}

/** ssh's own code for a connection or login that failed; any other is that of the last command typed there. */
const sshFailed = 255;

const shell = defineCommand({
  id: "pods.shell",
  title: "Shell",
  about: "Leaves the screen to ssh on the pod; when that ends, the control room is as it was.",
  keys: ["o"],
  scope: "pods",
  footer: { order: 12, label: "shell" },
  disabledReason: onSelectedShown(noAccess),
  async run({ state, dispatch, host, nowMs }) {
    const pod = selectedPod(state.pods);
    if (pod?.ssh == null) return;
    const files = pod.createdByLab ? host.sshFiles() : { identity: null, knownHosts: null };
    const title = `${pod.name}: ${sshCommand(pod.ssh)} (exit comes back to the control room)`;
    const { code, lastError } = await host.shell(sshArgv(pod.ssh, pod.providerId ?? pod.name, files), title);
    const failed = code === sshFailed;
    const why = lastError === "" ? "no login" : lastError;
    dispatch({
      type: "notice/shown",
      tone: failed ? "bad" : "info",
      text: failed ? `ssh to ${pod.name}: ${why}` : `back from ${pod.name}`,
      at: nowMs,
    });
  },
});

function copy({ dispatch, host, nowMs }: CommandContext, text: string): void {
  const copied = host.copy(text);
  const notice = copied ? `copied ${text}` : "too long for the terminal's clipboard";
  dispatch({ type: "notice/shown", tone: copied ? "info" : "bad", text: notice, at: nowMs });
}

const copySsh = defineCommand({
  id: "pods.copySsh",
  title: "Copy the ssh command",
  about: "Copies the command that logs in to the pod to the clipboard of your terminal, or says why there is none.",
  keys: ["y"],
  scope: "pods",
  disabledReason: onSelectedShown(noAccess),
  run(context) {
    const pod = selectedPod(context.state.pods);
    if (pod?.ssh != null) copy(context, sshCommand(pod.ssh));
  },
});

const copyName = defineCommand({
  id: "pods.copyName",
  title: "Copy the name",
  about: "Copies the pod's name to the clipboard of your terminal.",
  keys: ["Y"],
  scope: "pods",
  disabledReason: selected,
  run(context) {
    const pod = selectedPod(context.state.pods);
    if (pod !== undefined) copy(context, pod.name);
  },
});

const sort = defineCommand({
  id: "pods.sort",
  title: "Sort the pods",
  about: `Sorts the pods by the next of: ${podSorts.join(", ")}.`,
  keys: ["S"],
  scope: "pods",
  run({ state: { pods }, dispatch }) {
    const next = podSorts[(podSorts.indexOf(pods.sort) + 1) % podSorts.length] ?? "state";
    dispatch({ type: "pods/sorted", sort: next, reversed: false });
  },
});

const reverse = defineCommand({
  id: "pods.reverse",
  title: "Reverse the pods",
  about: "Turns the order of the pods round.",
  keys: ["R"],
  scope: "pods",
  run: ({ state: { pods }, dispatch }) => dispatch({ type: "pods/sorted", sort: pods.sort, reversed: !pods.reversed }),
});

const windowWords = podWindowsMs.map((ms) => longDuration(ms)).join(", ");

const windowStep = (step: 1 | -1) =>
  defineCommand({
    id: step === 1 ? "pods.windowLonger" : "pods.windowShorter",
    title: step === 1 ? "Longer window" : "Shorter window",
    about: `Lets the sparklines reach ${step === 1 ? "further" : "less far"} back: ${windowWords}.`,
    keys: [step === 1 ? "[" : "]"],
    scope: "pods",
    ...(step === 1 ? { footer: { order: 60, label: "window" } } : {}),
    disabledReason: ({ pods }) => (nextWindow(pods.windowMs, step) === undefined ? "there is no other" : null),
    run({ state, dispatch }) {
      const windowMs = nextWindow(state.pods.windowMs, step);
      if (windowMs !== undefined) dispatch({ type: "pods/windowed", windowMs });
    },
  });

const nextWindow = (nowMs: number, step: 1 | -1) =>
  step === 1 ? podWindowsMs.find((ms) => ms > nowMs) : podWindowsMs.findLast((ms) => ms < nowMs);

const perGpu = defineCommand({
  id: "pods.perGpu",
  title: "Each GPU",
  about: "Shows each GPU of a pod for itself, or the mean of them.",
  keys: ["v"],
  scope: "pods",
  run: ({ state: { pods }, dispatch }) => dispatch({ type: "pods/perGpuShown", perGpu: !pods.perGpu }),
});

const dismiss = defineCommand({
  id: "pods.dismiss",
  title: "Put away",
  about: "Takes terminated pods that you have seen off this screen: the marked ones, or the one under the cursor.",
  keys: ["D"],
  scope: "pods",
  disabledReason: onTargets((pod) => (pod.status === "terminated" ? null : `${pod.name} is ${pod.status}`)),
  run({ state: { pods }, dispatch }) {
    const wanted = pods.marked.length > 0 ? pods.marked : [pods.selectedId];
    const ids = pods.rows
      .filter((pod) => pod.status === "terminated" && wanted.includes(pod._id))
      .map(({ _id }) => _id);
    dispatch({ type: "pods/dismissed", ids });
    dispatch({ type: "pods/marksCleared" });
  },
});

export const podsCommands = [
  detail,
  log,
  shell,
  mark,
  copySsh,
  copyName,
  sort,
  reverse,
  windowStep(1),
  windowStep(-1),
  perGpu,
  dismiss,
];
