import type { Pod, TelemetrySample } from "../../contract/pod.js";
import { memoLast } from "../memo.js";
import type { PodSort, PodsState } from "../slices/pods.js";
import { compileFilter } from "./filter.js";
import { podFilter } from "./pod-filter.js";
import { idleMs, type PodRow, podRow } from "./pod-row.js";

export interface PodsView {
  readonly rows: readonly PodRow[];
  /** Pods before the filter. */
  readonly total: number;
  readonly problems: readonly string[];
  /** -1 when it is not in the list. */
  positionOf(id: string | null): number;
}

const none: readonly TelemetrySample[] = [];

const compiled = memoLast((filter: string) => compileFilter(filter, podFilter));

/** What needs a look first; of the same rank the order is the lab's, so that rows do not jump about. */
function rankOf({ status, trouble }: Pod): number {
  if (trouble !== null && status !== "terminated") return 0;
  return { creating: 1, running: 2, stopped: 3, terminated: 4 }[status];
}

const known = (value: number | null) => value ?? -Infinity;

const orders: Readonly<Record<PodSort, (a: PodRow, b: PodRow) => number>> = {
  state: (a, b) => rankOf(a.pod) - rankOf(b.pod),
  name: (a, b) => (a.pod.name < b.pod.name ? -1 : a.pod.name > b.pod.name ? 1 : 0),
  cost: (a, b) => descending(a.pod.costPerHourUsd, b.pod.costPerHourUsd),
  today: (a, b) => descending(a.pod.costTodayUsd, b.pod.costTodayUsd),
  idle: (a, b) => descending(idleMs(a.pod), idleMs(b.pod)),
  util: (a, b) => descending(a.utilPercent, b.utilPercent),
};

/** The largest first; unknown is last. */
function descending(a: number | null, b: number | null): number {
  const [x, y] = [known(a), known(b)];
  return x === y ? 0 : y - x;
}

const orderOf = memoLast((sort: PodSort, reversed: boolean, dismissed: readonly string[]) => ({
  compare: reversed ? (a: PodRow, b: PodRow) => -orders[sort](a, b) : orders[sort],
  dismissed: new Set(dismissed),
}));

const viewOf = memoLast(
  (
    pods: readonly Pod[],
    samples: PodsState["samples"],
    filter: string,
    { compare, dismissed }: ReturnType<typeof orderOf>,
  ): PodsView => {
    const { matches, problems } = compiled(filter);
    const shown =
      dismissed.size === 0 ? pods : pods.filter((pod) => pod.status !== "terminated" || !dismissed.has(pod._id));
    const rows = shown
      .map((pod) => podRow(pod, samples[pod._id] ?? none))
      .filter(matches)
      .sort(compare);
    const positions = new Map(rows.map(({ pod }, position) => [pod._id, position]));
    return {
      rows,
      total: shown.length,
      problems,
      positionOf: (id) => (id === null ? -1 : (positions.get(id) ?? -1)),
    };
  },
);

/** The same object as long as nothing that it shows has changed. */
export function visiblePods(state: PodsState): PodsView {
  return viewOf(state.rows, state.samples, state.filter, orderOf(state.sort, state.reversed, state.dismissed));
}

export function selectedPod(state: PodsState): Pod | undefined {
  return state.rows.find((pod) => pod._id === state.selectedId);
}
