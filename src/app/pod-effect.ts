import type { Pod, StockRow } from "../contract/pod.js";
import { longDuration } from "../core/duration.js";
import { usd } from "../core/money.js";
import { matchesOf, priceRange } from "./gpu-options.js";
import { isOwnMachine } from "./pod-action.js";
import type { Detail } from "./question.js";
import { rangeText, times } from "./rent-price.js";

// What starting, stopping or terminating a pod does and costs. A number that nobody knows is `–`; one that is counted and not
// billed carries `~`.

const list = (names: readonly string[]) => names.join(", ");
/** Of what its lab ran there; of other files, and of pods that somebody else made, nobody knows. */
const noneLeft = ({ createdByLab }: Pod) =>
  createdByLab ? "none of the lab's are only there" : "none known here: save what is yours first";
const nothingRuns = ({ createdByLab }: Pod) => (createdByLab ? "nothing" : "nothing known here");
const perHour = (pod: Pod) => `${usd(pod.costPerHourUsd)} an hour`;
const detail = (name: string, text: string | null): readonly Detail[] => (text === null ? [] : [{ name, text }]);

/** Sentences for a machine of one's own, where nothing is switched and nothing is saved. */
export function drainEffect({ experiments }: Pick<Pod, "experiments">): string {
  const running = list(experiments);
  return running === ""
    ? "No new experiments start on it."
    : `No new experiments start on it; ${running} go on to their end.`;
}

/** What a stop does to a rented pod; `discards`: also where outputs can't be fetched. */
export function stopDetails(pod: Pod, { discards = false } = {}): readonly Detail[] {
  return [
    { name: "Runs there", text: cutOff(pod) },
    { name: "Outputs", text: fetchedFirst(pod, discards) },
    { name: "Saved", text: `${perHour(pod)}, once the stop is confirmed` },
    { name: "Stays", text: volumeStays(pod) },
    ...detail("Wiped", pod.diskGb === null ? null : `container disk of ${pod.diskGb} GB, all outside the volume`),
    ...detail("Next start", pod.gpuCount === 0 ? null : "the GPU may be gone: others can rent it"),
  ];
}

function cutOff(pod: Pod): string {
  if (pod.experiments.length === 0) return nothingRuns(pod);
  return `${list(pod.experiments)}: cut off`;
}

/** Without a volume a stop wipes them: what can't be fetched keeps the pod running. */
function fetchedFirst(pod: Pod, discards: boolean): string {
  const { unsynced, volumeGb } = pod;
  if (unsynced.length === 0) return noneLeft(pod);
  const otherwise =
    volumeGb === 0 ? (discards ? "LOST if that fails" : "if that fails, it is not stopped") : "as far as that goes";
  return `of ${list(unsynced)}: fetched home first, ${otherwise}`;
}

function volumeStays({ volumeGb, stoppedCostPerMonthUsd }: Pod): string {
  if (volumeGb === 0) return "no volume: nothing stays, nothing costs";
  const size = volumeGb === null ? "the volume" : `volume of ${volumeGb} GB`;
  return `${size}: ${usd(stoppedCostPerMonthUsd, { estimate: true })} a month until it is terminated`;
}

/**
 * What a stopped pod will cost an hour: what it last did, else what providers ask for its kind now. While it is stopped its
 * own price is 0, which says nothing.
 */
export function startPrice(pod: Pod, stock: readonly StockRow[]): string {
  if (pod.runningCostPerHourUsd !== null) return usd(pod.runningCostPerHourUsd);
  if (pod.costPerHourUsd !== null && pod.costPerHourUsd > 0) return usd(pod.costPerHourUsd);
  const cloud = pod.cloud?.toUpperCase() === "COMMUNITY" ? "COMMUNITY" : "SECURE";
  const rows = matchesOf(stock, { gpu: pod.gpuType, cloud, provider: pod.provider });
  return rangeText(times(priceRange({ rows }), pod.gpuCount), { estimate: true });
}

/** What a start does to a rented pod. */
export function startDetails(pod: Pod, nowMs: number, stock: readonly StockRow[]): readonly Detail[] {
  const endsInMs = pod.maxHoursAt === null ? null : pod.maxHoursAt - nowMs;
  return [
    { name: "Costs", text: `${startPrice(pod, stock)} an hour from now on, work or no work` },
    ...detail("Ends", endsInMs === null ? null : maxHoursText(pod, endsInMs)),
    ...detail(
      "GPU",
      pod.gpuCount === 0 ? null : "may be gone: then it does not start, or comes up without one and says so",
    ),
  ];
}

function maxHoursText({ maxHoursAction }: Pod, endsInMs: number): string {
  const what = maxHoursAction === "stop" ? "stopped" : "terminated, once every output is home";
  return `its max hours are over in ${longDuration(Math.max(0, endsInMs))}: then it is ${what}`;
}

/** What a restart does: of a running pod, since a stopped one is started. */
export function restartDetails(pod: Pod): readonly Detail[] {
  return [
    { name: "Runs there", text: cutOff(pod) },
    {
      name: "Stays",
      text: pod.volumeGb === 0 ? "no volume: nothing stays" : "the volume; what is outside it may be gone",
    },
    { name: "Costs", text: `${perHour(pod)}, as before` },
  ];
}

/** What terminating destroys, which differs by provider. */
export function terminateDetails(pod: Pod): readonly Detail[] {
  const { unsynced } = pod;
  return [
    { name: "Runs there", text: cutOff(pod) },
    {
      name: "Outputs",
      text:
        unsynced.length === 0
          ? noneLeft(pod)
          : `of ${list(unsynced)} are ONLY THERE: fetched first (or now: Esc, F); if that fails, nothing is done`,
    },
    { name: "Destroyed", text: destroyed(pod) },
    ...(pod.provider === "runpod" ? detail("Kept", "a network volume, if any: detached, it costs on") : []),
    { name: "Saved", text: saved(pod) },
  ];
}

function destroyed({ provider, volumeGb, diskGb }: Pod): string {
  const disk = diskGb === null ? "container disk" : `container disk of ${diskGb} GB`;
  if (volumeGb === 0) return disk;
  const volume = volumeGb === null ? "volume" : `volume of ${volumeGb} GB`;
  return `${disk} and ${volume}, at once${provider === "runpod" ? "; RunPod keeps no copy" : ""}`;
}

function saved(pod: Pod): string {
  if (pod.status !== "stopped") return perHour(pod);
  return `${usd(pod.stoppedCostPerMonthUsd, { estimate: true })} a month for its volume`;
}

/** One line a pod, for a question about several. */
export function bulkDetails(
  pods: readonly Pod[],
  verb: "start" | "stop",
  stock: readonly StockRow[],
): readonly Detail[] {
  if (verb === "start") {
    return pods.map((pod) => ({ name: pod.name, text: `${startPrice(pod, stock)} an hour from now on` }));
  }
  const lines = pods.map((pod) => ({ name: pod.name, text: stopLine(pod) }));
  const sum = sumOf(pods.filter((pod) => !isOwnMachine(pod)).map((pod) => pod.costPerHourUsd));
  const monthly = sumOf(pods.filter((pod) => !isOwnMachine(pod)).map((pod) => pod.stoppedCostPerMonthUsd));
  const stays = `; ${usd(monthly, { estimate: true })} a month stays for volumes`;
  return [...lines, { name: "Together", text: `saves ${usd(sum)} an hour${stays}` }];
}

function stopLine(pod: Pod): string {
  if (isOwnMachine(pod)) return drainEffect(pod);
  const cut =
    pod.experiments.length === 0
      ? pod.createdByLab
        ? "nothing runs there"
        : "nothing known runs there"
      : `cuts off ${list(pod.experiments)}`;
  const fetched = pod.unsynced.length === 0 ? "" : `, fetches outputs of ${list(pod.unsynced)} first`;
  return `saves ${perHour(pod)}; ${cut}${fetched}`;
}

/** A sum with a part nobody knows is unknown. */
function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}
