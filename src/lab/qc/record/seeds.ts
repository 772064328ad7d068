import type { Reproduction } from "../../../contract/qc.js";

const seedName = /^(random_?|rng_?|np_?|torch_?)?seeds?$/i;
const mostDeep = 6;
const mostSeeds = 100;

/** Every seed that the config sets, by its path: `seed`, `mcmc.seed`, `seeds`. */
export function seedsIn(config: unknown): Reproduction["seeds"] {
  const found: Reproduction["seeds"] = {};
  walk(config, { path: "", deep: 0, found });
  return found;
}

function walk(value: unknown, at: { path: string; deep: number; found: Reproduction["seeds"] }): void {
  if (typeof value !== "object" || value === null || Array.isArray(value) || at.deep > mostDeep) return;
  for (const [name, child] of Object.entries(value)) {
    const path = at.path === "" ? name : `${at.path}.${name}`;
    const seed = seedName.test(name) ? seedOf(child) : null;
    if (seed !== null && Object.keys(at.found).length < mostSeeds) at.found[path] = seed;
    else walk(child, { path, deep: at.deep + 1, found: at.found });
  }
}

function seedOf(value: unknown): number | string | number[] | null {
  if (typeof value === "number" || typeof value === "string") return value;
  const isList = Array.isArray(value) && value.length <= mostSeeds && value.every((each) => typeof each === "number");
  return isList ? value : null;
}
