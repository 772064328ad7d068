import { memoLast } from "../../../app/memo.js";
import { podEnds } from "../../../app/selectors/pod-row.js";
import type { PodsView } from "../../../app/selectors/visible-pods.js";
import type { PodSort, PodsState } from "../../../app/slices/pods.js";
import type { Pod } from "../../../contract/pod.js";
import { usd } from "../../../core/money.js";
import { columnsOf } from "../../paint/columns.js";
import { gpuLabel } from "../../paint/gpu-label.js";
import { glyph } from "../../paint/look.js";
import type { Column } from "../../paint/table.js";
import { windowLabel } from "../../paint/window-label.js";
import type { Look } from "../pane.js";

export type ColumnId =
  | "name"
  | "kind"
  | "state"
  | "util"
  | "memory"
  | "cost"
  | "today"
  | "idle"
  | "wasted"
  | "ends"
  | "up"
  | "region"
  | "provider"
  | "slots"
  | "reason";

/** The reason stays when nearly everything else has gone: it is what a person came for. */
const columns: readonly Column<ColumnId>[] = [
  { id: "name", heading: "NAME", rank: 0, width: 9 },
  { id: "kind", heading: "GPU", rank: 3, width: 7 },
  { id: "state", heading: "STATE", rank: 0, width: 11 },
  { id: "util", heading: "UTIL", rank: 1, width: 11, natural: 15, grow: { share: 3, most: 45 } },
  { id: "memory", heading: "MEM", rank: 5, width: 4, align: "right" },
  { id: "cost", heading: "$/H", rank: 2, width: 7, grow: { share: 2, most: 29 }, align: "right" },
  { id: "today", heading: "TODAY", rank: 4, width: 8, align: "right" },
  { id: "idle", heading: "IDLE", rank: 2, width: 6, align: "right" },
  { id: "wasted", heading: "WASTED", rank: 7, width: 7, align: "right" },
  { id: "ends", heading: "ENDS IN", rank: 6, width: 8, grow: { share: 1, most: 20 } },
  { id: "up", heading: "UP", rank: 8, width: 5, align: "right" },
  { id: "region", heading: "REGION", rank: 9, width: 8 },
  { id: "provider", heading: "FROM", rank: 10, width: 6 },
  { id: "slots", heading: "SLOTS", rank: 11, width: 5, align: "right" },
  { id: "reason", heading: "WORK, REASON", rank: 1, width: 22, natural: 48, grow: { share: 8, most: 110 } },
];

const sortColumns: Readonly<Record<PodSort, ColumnId>> = {
  state: "state",
  name: "name",
  cost: "cost",
  today: "today",
  idle: "idle",
  util: "util",
};
/** These go up from their smallest, the others down from their largest. */
const ascending: ReadonlySet<PodSort> = new Set(["state", "name"]);

/** From this width on the price has its line beside it. */
const priceLine = { fromWidth: 130, columns: 13 };
/** Names that can be told apart come before what is nice to have: so much of them at least, all where there is room. */
const names = { narrow: 12, fromWidth: 100, least: 16, most: 28 };
const mostKindColumns = 14;
const perGpuColumns = 14;

/** The columns that have something to say of these pods, with what the view does in their headings. */
export function fleetColumns(
  pods: PodsState,
  view: PodsView,
  { width, look }: { readonly width: number; readonly look: Look },
): readonly Column<ColumnId>[] {
  const useful = usefulColumns(view);
  const natural = naturalColumns(pods.rows);
  const up = ascending.has(pods.sort) !== pods.reversed;
  const arrow = glyph(up ? "up" : "down", look);
  return columns
    .filter(({ id }) => useful[id] !== false)
    .map((column) => {
      const heading = column.id === "util" ? utilHeading(pods) : column.heading;
      return {
        ...column,
        ...widthsOf(column, natural[column.id] ?? 0, width),
        // A block for each of eight GPUs, and the least and the most used.
        ...(column.id === "util" && pods.perGpu && { width: perGpuColumns }),
        heading: sortColumns[pods.sort] === column.id ? withArrow(column, heading, arrow) : heading,
      };
    });
}

/** A sum is never cut; a name is whole where there is room for it. */
function widthsOf({ id, width: least }: Column<ColumnId>, natural: number, width: number) {
  switch (id) {
    case "name": {
      const wanted = Math.max(least, Math.min(names.most, natural));
      return { width: Math.min(wanted, width < names.fromWidth ? names.narrow : names.least), natural: wanted };
    }
    case "kind":
      return { width: least, natural: Math.min(mostKindColumns, natural) };
    case "cost":
      return { width: Math.max(natural, width >= priceLine.fromWidth ? priceLine.columns : least) };
    default:
      return { width: Math.max(natural, least) };
  }
}

/** Of all pods, not of those that are in sight or pass the filter: the columns stay where they are. */
const naturalColumns = memoLast((rows: readonly Pod[]): Readonly<Partial<Record<ColumnId, number>>> => {
  const longest = (text: (pod: Pod) => string) => rows.reduce((most, pod) => Math.max(most, columnsOf(text(pod))), 0);
  return {
    name: longest(({ name }) => name),
    kind: longest((pod) => gpuLabel(pod)),
    today: longest((pod) => usd(pod.costTodayUsd, { estimate: pod.costEstimated })),
    cost: longest(({ costPerHourUsd }) => usd(costPerHourUsd)),
    wasted: longest(({ wastedUsd }) => usd(wastedUsd)),
  };
});

/** On the side where there is room for it. */
function withArrow({ align }: Column<ColumnId>, heading: string, arrow: string): string {
  return align === "right" ? `${arrow}${heading}` : `${heading} ${arrow}`;
}

function utilHeading({ windowMs, perGpu }: PodsState): string {
  return `${perGpu ? "GPUS" : "UTIL"} ${windowLabel(windowMs)}`;
}

/** A machine of one's own has no price, no region and no end: its columns would be empty. */
function usefulColumns({ rows }: PodsView): Readonly<Partial<Record<ColumnId, boolean>>> {
  const some = (is: (pod: PodsView["rows"][number]) => boolean) => rows.some(is);
  const priced = some(({ pod }) => pod.costPerHourUsd !== null || pod.costTodayUsd !== null);
  return {
    cost: priced,
    today: priced,
    wasted: some(({ wastedUsd }) => wastedUsd !== null && wastedUsd >= 0.01),
    ends: some(({ pod }) => podEnds(pod).length > 0),
    region: some(({ pod }) => pod.region !== null),
    provider: some(({ pod }) => pod.provider !== rows[0]?.pod.provider),
  };
}
