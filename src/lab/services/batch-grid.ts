import { type Grid, mostOfBatch } from "../../contract/batch.js";
import { LabError } from "../lab-error.js";

type Json = Readonly<Record<string, unknown>>;

/** `config.seed` and `seed` are the same place in the config. */
const pathOf = (key: string): readonly string[] =>
  (key.startsWith("config.") ? key.slice("config.".length) : key).split(".");

/** One point of the grid: its values by the keys of the grid. */
export type Point = Readonly<Record<string, unknown>>;

/** Every combination of the values; the last key changes fastest. Refuses more than one request may make, and says how many. */
export function pointsOf(grid: Grid): Point[] {
  const count = Object.values(grid).reduce((product, values) => product * values.length, 1);
  if (count > mostOfBatch) {
    throw new LabError("validation_error", `grid: makes ${count} experiments; a batch has at most ${mostOfBatch}`);
  }
  return Object.entries(grid).reduce<Point[]>(
    (points, [key, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [key]: value }))),
    [{}],
  );
}

/** The config at a point of the grid. Refuses a path that leads through something that is no object. */
export function configAt(config: Json, point: Point): Json {
  return Object.entries(point).reduce<Json>((made, [key, value]) => putAt(made, pathOf(key), { key, value }), config);
}

function putAt(json: Json, [name = "", ...rest]: readonly string[], put: { key: string; value: unknown }): Json {
  if (rest.length === 0) return { ...json, [name]: put.value };
  const inner = json[name] ?? {};
  if (typeof inner !== "object" || Array.isArray(inner)) {
    throw new LabError("validation_error", `grid.${put.key}: config.${name} is no object, it has no ${rest.join(".")}`);
  }
  return { ...json, [name]: putAt(inner as Json, rest, put) };
}

/** The values that a config has at the grid's paths. */
export function valuesIn(config: Json, keys: readonly string[]): Record<string, unknown> {
  const at = (key: string) =>
    pathOf(key).reduce<unknown>((value, name) => (value as Json | null | undefined)?.[name], config) ?? null;
  return Object.fromEntries(keys.map((key) => [key, at(key)]));
}

const longestTitle = 300;

/** `title seed=1 steps=100`: by the last part of each path where that tells them apart. */
export function titleAt(title: string, point: Point): string {
  const keys = Object.keys(point);
  const last = (key: string) => pathOf(key).at(-1) ?? key;
  const isClear = (key: string) => keys.filter((other) => last(other) === last(key)).length === 1;
  const words = keys.map((key) => `${isClear(key) ? last(key) : pathOf(key).join(".")}=${shown(point[key])}`);
  return `${title} ${words.join(" ")}`.slice(0, longestTitle);
}

const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
