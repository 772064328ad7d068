/** Values by dotted path in the config. */
export type GridValues = Readonly<Record<string, readonly unknown[]>>;

export interface ParsedGrid {
  readonly grid: GridValues;
  /** Combinations: how many experiments it makes. */
  readonly count: number;
  /** What is wrong with it, in words; null when it can be sent. */
  readonly problem: string | null;
}

/** Longest range that is written out: a batch has at most a thousand. */
const mostValues = 1000;

/**
 * A grid as a person types it: `seed=1..8 steps=100,200 model.name=a,"b c"`. A range has both ends, and a step after another `..`
 * (`0..1..0.25`). What reads as JSON is that, everything else is text.
 */
export function parseGrid(text: string): ParsedGrid {
  const grid: Record<string, readonly unknown[]> = {};
  const problems: string[] = [];
  for (const [term] of text.matchAll(/(?:"[^"]*"?|\S)+/g)) {
    const read = termOf(term, grid);
    if (typeof read === "string") problems.push(read);
    else grid[read.path] = read.values;
  }
  const lengths = Object.values(grid).map(({ length }) => length);
  const count = lengths.length === 0 ? 0 : lengths.reduce((product, one) => product * one, 1);
  if (count === 0) problems.push("name at least one: seed=1..8");
  if (count > mostValues) problems.push(`makes ${count} experiments; a batch has at most ${mostValues}`);
  return { grid, count, problem: problems[0] ?? null };
}

/** `path=values`, or what is wrong with it. */
function termOf(term: string, others: GridValues): { path: string; values: readonly unknown[] } | string {
  const at = term.indexOf("=");
  if (at < 1) return `${term}: write it as path=values, seed=1..8`;
  const path = term.slice(0, at);
  if (!/^[^.\s]+(\.[^.\s]+)*$/.test(path)) return `${path}: must be a dotted path, model.seed`;
  if (path in others) return `${path} is there twice`;
  const values = valuesOf(term.slice(at + 1));
  return typeof values === "string" ? `${path}: ${values}` : { path, values };
}

/** Values of one path, or what is wrong with them. */
function valuesOf(text: string): readonly unknown[] | string {
  const values: unknown[] = [];
  for (const [part] of text.matchAll(/(?:"[^"]*"?|[^,])+/g)) {
    const range = rangeOf(part);
    if (typeof range === "string") return range;
    values.push(...(range ?? [valueOf(part)]));
  }
  return values.length === 0 ? "has no value" : values;
}

const rangePattern = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?$/;

/** null: it is none. */
function rangeOf(text: string): readonly number[] | string | null {
  const [, from, to, by = "1"] = rangePattern.exec(text) ?? [];
  if (from === undefined || to === undefined) return null;
  const [first, last, step] = [Number(from), Number(to), Number(by)];
  if (step === 0) return "a step of 0 leads nowhere";
  const length = Math.floor(Math.abs(last - first) / step + 1e-9) + 1;
  if (length > mostValues) return `${text} has ${length} values; a batch has at most ${mostValues}`;
  const digits = Math.max(...[from, to, by].map((one) => one.split(".")[1]?.length ?? 0));
  const sign = last < first ? -1 : 1;
  return Array.from({ length }, (_, index) => Number((first + sign * step * index).toFixed(digits)));
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text.replaceAll('"', "");
  }
}

/** The first combinations as the lab will call them, `seed=1 steps=100`; the last path changes fastest. */
export function gridNames(grid: GridValues, most: number): readonly string[] {
  const entries = Object.entries(grid).map(([path, values]) => ({ name: shortest(path, Object.keys(grid)), values }));
  const total = entries.reduce((product, { values }) => product * values.length, entries.length === 0 ? 0 : 1);
  return Array.from({ length: Math.min(most, total) }, (_, number) => {
    let rest = number;
    const words = entries.toReversed().map(({ name, values }) => {
      const value = values[rest % values.length];
      rest = Math.floor(rest / values.length);
      return `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`;
    });
    return words.toReversed().join(" ");
  });
}

const lastOf = (path: string) => path.slice(path.lastIndexOf(".") + 1);

/** The last part of a path where that tells them apart. */
const shortest = (path: string, all: readonly string[]) =>
  all.filter((other) => lastOf(other) === lastOf(path)).length === 1 ? lastOf(path) : path;
