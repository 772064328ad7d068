import type { Pod, PodPatch } from "../../contract/pod.js";
import { longDuration } from "../../core/duration.js";
import { toFailure } from "../../core/failure.js";
import { usd } from "../../core/money.js";
import { type CommandContext, defineCommand } from "../command.js";
import { experimentOptions, podOptions, takesNoWork } from "../deploy.js";
import { actOnPods, askedPods, isOwnMachine, onSelected, podRequest, selectedPodId } from "../pod-action.js";
import type { Option } from "../question.js";
import { type Request, sendAll } from "../request.js";
import { nothingSelected } from "../row-action.js";
import { selectedExperiment, visibleExperiments } from "../selectors/visible-experiments.js";
import { selectedPod } from "../selectors/visible-pods.js";
import type { AppState } from "../store.js";

/** Asks what could be rented now. What is known meanwhile stays; a failure is for the form to show. */
async function loadStock({ connection, dispatch, nowMs }: CommandContext): Promise<void> {
  if (connection === null) return;
  dispatch({ type: "stock/asked" });
  try {
    dispatch({ type: "stock/received", rows: await connection.pods.stock(), at: nowMs });
  } catch (error) {
    dispatch({ type: "stock/failed", failure: toFailure(error) });
  }
}

const create = defineCommand({
  id: "pods.new",
  title: "New pod",
  about: "Opens the form for a new pod: GPU by live stock and price, region, image, volume, hours; says what it costs.",
  keys: ["n"],
  scope: "pods",
  changes: true,
  port: "pods.create",
  footer: { order: 5, label: "new" },
  async run(context) {
    context.dispatch({ type: "view/overlayOpened", overlay: { kind: "newPod", draft: {} } });
    await loadStock(context);
  },
});

const stock = defineCommand({
  id: "pods.stock",
  title: "Ask for stock again",
  about: "Asks the providers again which GPUs can be rented, where and for how much; the form of a new pod shows it.",
  keys: [],
  scope: "pods",
  port: "pods.stock",
  run: loadStock,
});

const queuedFor = (state: AppState, pod: Pod) => experimentOptions(pod, state.experiments.live);

function deployRequest(pod: Pod, experiment: { readonly _id: string; readonly experimentId: string }): Request {
  const words = {
    title: `Deploy ${experiment.experimentId} on`,
    done: `${experiment.experimentId} is next on ${pod.name}`,
  };
  return podRequest(pod, words, (connection) => connection.pods.deploy(pod._id, experiment._id));
}

const deployHere = defineCommand({
  id: "pods.deploy",
  title: "Deploy here",
  about: "Puts a queued experiment on this pod, before all others: the one the lab proposes first, with the reason.",
  keys: ["d"],
  scope: "pods",
  changes: true,
  port: "pods.deploy",
  footer: { order: 30, label: "deploy" },
  targets: selectedPodId,
  disabledReason(state) {
    const reason = onSelected(takesNoWork)(state);
    const pod = selectedPod(state.pods);
    if (reason !== null || pod === undefined) return reason;
    const options = queuedFor(state, pod);
    if (options.length === 0) return "nothing is queued";
    return options.some(({ refusal }) => refusal === null) ? null : "nothing queued suits it";
  },
  confirm(state) {
    const pod = selectedPod(state.pods);
    if (pod === undefined) return null;
    const effect =
      pod.slotsUsed < pod.slots
        ? `It starts at once, before all others. ${pod.name} costs ${usd(pod.costPerHourUsd)} an hour, with work or without.`
        : `It starts before all others, when ${pod.experiments.join(", ")} has ended. ${pod.name} costs ${usd(pod.costPerHourUsd)} an hour.`;
    return { question: `Deploy which experiment on ${pod.name}?`, effect, options: queuedFor(state, pod) };
  },
  async run(context) {
    const [pod] = askedPods(context);
    const row = visibleExperiments(context.state.experiments).byId(context.choice ?? "");
    if (pod !== undefined && row !== undefined) await sendAll(context, [deployRequest(pod, row)]);
  },
});

const deploySelected = defineCommand({
  id: "experiment.deploy",
  title: "Deploy on a pod",
  about: "Puts the queued experiment under the cursor on a pod of your choice, before all others there.",
  keys: ["d"],
  scope: "queue",
  changes: true,
  port: "pods.deploy",
  footer: { order: 35, label: "deploy" },
  targets: ({ experiments }) => (experiments.selectedId === null ? [] : [experiments.selectedId]),
  disabledReason(state) {
    const row = selectedExperiment(state.experiments);
    if (row === undefined) return nothingSelected;
    if (row.status !== "queued") return `${row.experimentId} is not queued`;
    return podOptions(row, state.pods.rows).some(({ refusal }) => refusal === null) ? null : "no pod that suits it";
  },
  confirm(state) {
    const row = selectedExperiment(state.experiments);
    if (row === undefined) return null;
    return {
      question: `Deploy ${row.experimentId} ${row.title} on which pod?`,
      effect: "It starts there before all others. Time and cost are expectations from its estimate.",
      options: podOptions(row, state.pods.rows),
    };
  },
  async run(context) {
    const row = visibleExperiments(context.state.experiments).byId(context.targets[0] ?? "");
    const pod = context.state.pods.rows.find(({ _id }) => _id === context.choice);
    if (pod !== undefined && row !== undefined) await sendAll(context, [deployRequest(pod, row)]);
  },
});

const hourMs = 3_600_000;
const postponedHours = [1, 6, 24] as const;

function againstPostpone(pod: Pod): string | null {
  if (isOwnMachine(pod)) return "a machine of your own is never stopped";
  return pod.status === "running" ? null : `${pod.name} is ${pod.status}`;
}

/** When it would be stopped for idleness with so many hours more. */
const laterBy = (pod: Pod, hours: number, nowMs: number) => Math.max(nowMs, pod.autoStopAt ?? 0) + hours * hourMs;

function postponeOptions(pod: Pod): readonly Option[] {
  const { costPerHourUsd: price } = pod;
  const costs = (hours: number) => `costs up to ${usd(price === null ? null : price * hours)} if it idles on`;
  return [
    ...postponedHours.map((hours) => ({
      id: String(hours),
      label: `${hours} h later`,
      about: costs(hours),
      refusal: null,
    })),
    { id: "never", label: "never, for this pod", about: `${usd(price)} an hour until someone stops it`, refusal: null },
    { id: "rule", label: "as the lab's rule says", about: "takes back what was postponed here", refusal: null },
  ];
}

function postponed(pod: Pod, choice: string, nowMs: number): { readonly patch: PodPatch; readonly done: string } {
  if (choice === "never")
    return { patch: { autoStop: false }, done: `${pod.name} is not stopped for idleness any more` };
  if (choice === "rule") {
    return { patch: { autoStop: null, postponeAutoStopUntil: null }, done: `${pod.name} follows the lab's rule` };
  }
  const until = laterBy(pod, Number(choice), nowMs);
  return {
    patch: { postponeAutoStopUntil: until },
    done: `${pod.name} is not stopped for idleness in the next ${longDuration(until - nowMs)}`,
  };
}

const postpone = defineCommand({
  id: "pods.postpone",
  title: "Postpone auto-stop",
  about: "Keeps an idle pod from being stopped by itself for some hours or for good, and says what that may cost.",
  keys: ["w"],
  scope: "pods",
  changes: true,
  port: "pods.patch",
  targets: selectedPodId,
  disabledReason: (state) => state.link.missing["pods.autoStop"] ?? onSelected(againstPostpone)(state),
  confirm({ pods, view }) {
    const pod = selectedPod(pods);
    if (pod === undefined) return null;
    const { autoStopAt } = pod;
    const effect =
      autoStopAt === null
        ? "It is not due to be stopped for idleness now."
        : `It is stopped for idleness in ${longDuration(Math.max(0, autoStopAt - view.nowMs))}.`;
    return { question: `Postpone the auto-stop of ${pod.name}?`, effect, options: postponeOptions(pod) };
  },
  async run(context) {
    const { choice } = context;
    if (choice === null) return;
    const run = actOnPods(againstPostpone, (pod) => {
      const { patch, done } = postponed(pod, choice, context.nowMs);
      return podRequest(pod, { title: "Auto-stop of", done }, (connection) => connection.pods.patch(pod._id, patch));
    });
    await run(context);
  },
});

const idlePolicy = defineCommand({
  id: "pods.idlePolicy",
  title: "Idle policy and budget",
  about:
    "Opens when this pod is stopped by itself, and the lab's settings: idle alert, auto-stop, auto-schedule, budget.",
  keys: ["i"],
  scope: "pods",
  changes: true,
  port: "settings.patch",
  async run({ state, dispatch, connection }) {
    dispatch({ type: "view/overlayOpened", overlay: { kind: "idlePolicy", id: state.pods.selectedId } });
    // What is known is shown at once; a failure is a notice.
    if (connection !== null) dispatch({ type: "settings/received", settings: await connection.settings.get() });
  },
});

function againstFetch(pod: Pod): string | null {
  if (isOwnMachine(pod)) return "its outputs are here";
  if (pod.unsynced.length === 0) return "every output is home";
  return pod.status === "running" ? null : `${pod.name} is ${pod.status}: s starts it`;
}

const fetchOutputs = defineCommand({
  id: "pods.fetch",
  title: "Fetch outputs",
  about: "Brings the outputs home that are only on the pod.",
  keys: ["F"],
  scope: "pods",
  changes: true,
  port: "pods.fetchOutputs",
  targets: selectedPodId,
  disabledReason: onSelected(againstFetch),
  run: actOnPods(againstFetch, (pod) =>
    podRequest(
      pod,
      { title: "Fetch outputs of", done: `outputs of ${pod.unsynced.join(", ")} are home` },
      (connection) => connection.pods.fetchOutputs(pod._id),
    ),
  ),
});

export const podWorkCommands = [create, stock, deployHere, deploySelected, postpone, idlePolicy, fetchOutputs];
