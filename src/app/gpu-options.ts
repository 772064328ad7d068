import type { StockRow } from "../contract/pod.js";
import { computeModes } from "../contract/vocabulary.js";

/** One thing that can be rented: a GPU type of a provider, or the best of a family that is to be had. */
export interface GpuOption {
  readonly id: string;
  /** What NewPod.gpuType takes. */
  readonly gpuType: string;
  readonly provider: string;
  readonly cloud: "SECURE" | "COMMUNITY";
  readonly name: string;
  /** What stands behind it: one, or those of the family, in the order they are tried. */
  readonly rows: readonly StockRow[];
}

const families = computeModes.filter((mode) => mode !== "CPU");

const stockRank: Readonly<Record<string, number>> = { high: 0, medium: 1, low: 2, none: 4 };
const unknownRank = 3;

/** Smaller is better; a word that nobody knows is between low and none. */
export const rankOfStock = (stock: string | null): number => stockRank[stock?.toLowerCase() ?? ""] ?? unknownRank;
export const hasStock = (row: Pick<StockRow, "stock">) => row.stock?.toLowerCase() !== "none";

const byStockAndPrice = (a: StockRow, b: StockRow) =>
  rankOfStock(a.stock) - rankOfStock(b.stock) || (a.costPerHourUsd ?? Infinity) - (b.costPerHourUsd ?? Infinity);

/** `any H200`, `any H100` … first, then each type: those in stock first, cheap before dear. */
export function gpuOptions(rows: readonly StockRow[]): readonly GpuOption[] {
  const sorted = [...rows].sort(byStockAndPrice);
  return [...families.flatMap((family) => familyOption(family, sorted)), ...sorted.map(singleOption)];
}

/** Only where there is something to choose from: a family of one is that one. */
function familyOption(family: string, sorted: readonly StockRow[]): readonly GpuOption[] {
  const rows = sorted.filter(
    ({ gpuType, cloud }) => cloud.toUpperCase() !== "COMMUNITY" && gpuType.toUpperCase().includes(family),
  );
  const [first] = rows;
  if (first === undefined || rows.length < 2) return [];
  return [
    { id: `any ${family}`, gpuType: family, provider: first.provider, cloud: "SECURE", name: `any ${family}`, rows },
  ];
}

function singleOption(row: StockRow): GpuOption {
  const cloud = row.cloud.toUpperCase() === "COMMUNITY" ? "COMMUNITY" : "SECURE";
  const { provider, gpuType, name } = row;
  return { id: `${provider} ${gpuType} ${cloud}`, gpuType, provider, cloud, name, rows: [row] };
}

/** Options with every typed word in their name. */
export function matchingOptions(options: readonly GpuOption[], filter: string): readonly GpuOption[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const text = ({ name, gpuType, cloud, provider }: GpuOption) =>
    `${name} ${gpuType} ${cloud} ${provider}`.toLowerCase();
  return options.filter((option) => words.every((word) => text(option).includes(word)));
}

/** The lowest and the highest price of one GPU an hour, of those in stock if any is; null: no price is known. */
export function priceRange({
  rows,
}: Pick<GpuOption, "rows">): { readonly lowUsd: number; readonly highUsd: number } | null {
  const inStock = rows.filter(hasStock);
  const prices = (inStock.length > 0 ? inStock : rows).map(({ costPerHourUsd }) => costPerHourUsd);
  const known = prices.filter((price) => price !== null);
  // One that may be taken and whose price nobody knows makes the whole unknown.
  if (known.length === 0 || known.length < prices.length) return null;
  return { lowUsd: Math.min(...known), highUsd: Math.max(...known) };
}

/** The best stock behind an option. */
export function stockOf({ rows }: GpuOption): string | null {
  return [...rows].sort((a, b) => rankOfStock(a.stock) - rankOfStock(b.stock))[0]?.stock ?? null;
}

export interface Region {
  readonly id: string;
  readonly name: string;
  readonly stock: string | null;
}

/** Places where it is to be had, the best stock first; none where the provider does not tell of places. */
export function regionsOf({ rows }: GpuOption): readonly Region[] {
  const best = new Map<string, Region>();
  for (const region of rows.flatMap((row) => row.regions)) {
    const known = best.get(region.id);
    if (known === undefined || rankOfStock(region.stock) < rankOfStock(known.stock)) best.set(region.id, region);
  }
  return [...best.values()].filter(hasStock).sort((a, b) => rankOfStock(a.stock) - rankOfStock(b.stock));
}

const usualCounts = [1, 2, 4, 8];

/** How many GPUs one pod can have. */
export function countsOf({ rows }: GpuOption): readonly number[] {
  const most = Math.max(...rows.map(({ maxCount }) => maxCount ?? 8));
  return [...new Set([...usualCounts.filter((count) => count <= most), most])].filter((count) => count >= 1);
}

/** What of the stock a GPU type stands for: its id or name, else the family it names. */
export function matchesOf(
  stock: readonly StockRow[],
  { gpu, cloud, provider }: { readonly gpu: string; readonly cloud: string; readonly provider?: string },
): readonly StockRow[] {
  const rows = stock.filter((row) => row.cloud.toUpperCase() === cloud && (provider ?? row.provider) === row.provider);
  const wanted = gpu.toUpperCase();
  const exact = rows.filter(({ gpuType, name }) => [gpuType, name].some((word) => word.toUpperCase() === wanted));
  const found = exact.length > 0 ? exact : rows.filter(({ gpuType }) => gpuType.toUpperCase().includes(wanted));
  return [...found].sort(byStockAndPrice);
}
