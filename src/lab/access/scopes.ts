import { type Noun, nouns, type Plan, type Scope, type Verb } from "../../contract/access.js";
import { LabError } from "../lab-error.js";
import { type Actor, everyLab, type Grant } from "./actor.js";

const verbOf: Readonly<Record<string, Verb>> = {
  read: "read",
  write: "write",
  "*": "admin",
  r: "read",
  rw: "write",
  admin: "admin",
};

/** All but keys: who may read or write in a lab may not give that away. */
const plainNouns = nouns.filter((noun) => noun !== "keys");

export interface ScopeOptions {
  /** The lab that they are limited to; null: none. */
  readonly labId: string | null;
  /** Document id of a lab by its slug; refuses one that the caller does not see. */
  readonly idOf: (slug: string) => Promise<string>;
}

/** What scopes of either documented family come to. */
export async function grantsOf(scopes: readonly Scope[], { labId, idOf }: ScopeOptions): Promise<readonly Grant[]> {
  const where = labId ?? everyLab;
  const grants: Grant[] = [];
  for (const [index, scope] of scopes.entries()) {
    if (scope === "*") {
      grants.push({ labId: where, noun: "*", verb: "admin" });
      continue;
    }
    const parts = scope.split(":");
    const verb = verbOf[parts.at(-1) ?? ""] ?? "read";
    const [noun = "", slug = ""] = parts;
    if (noun !== "lab") {
      grants.push({ labId: where, noun: noun as Noun, verb });
      continue;
    }
    const named = slug === "*" ? where : await idOf(slug);
    if (labId !== null && named !== labId) {
      throw new LabError("validation_error", `scopes.${index}: ${scope} is of another lab than labId`);
    }
    const of = verb === "admin" ? (["*"] as const) : plainNouns;
    grants.push(...of.map((one): Grant => ({ labId: named, noun: one, verb })));
  }
  return grants;
}

const rank: Readonly<Record<Verb, number>> = { read: 0, write: 1, admin: 2 };

/** Whether whoever has `held` has all of `wanted`. */
export function covers(held: readonly Grant[], wanted: Grant): boolean {
  const has = (noun: Grant["noun"]) =>
    held.some(
      (grant) =>
        (grant.labId === everyLab || grant.labId === wanted.labId) &&
        (grant.noun === "*" || grant.noun === noun) &&
        rank[grant.verb] >= rank[wanted.verb],
    );
  return wanted.noun === "*" ? has("*") || nouns.every(has) : has(wanted.noun);
}

/** Nobody gives what they do not have. */
export function refuseMoreThan(actor: Actor | null, wanted: readonly Grant[]): void {
  if (actor === null) return;
  const excess = wanted.find((grant) => !covers(actor.grants, grant));
  if (excess === undefined) return;
  throw new LabError(
    "forbidden",
    `scopes: you lack ${scopeOf(excess)}${excess.labId === everyLab ? " in all labs" : " in that lab"} yourself, so you can't give it away`,
  );
}

/** What is left of grants in one lab. */
export const narrowTo = (grants: readonly Grant[], labId: string): readonly Grant[] =>
  grants.filter((grant) => grant.labId === everyLab || grant.labId === labId).map((grant) => ({ ...grant, labId }));

/** A right as a scope of the first family. */
export const scopeOf = ({ noun, verb }: Grant): string =>
  noun === "*" ? (verb === "admin" ? "*" : `*:${verb}`) : `${noun}:${verb === "admin" ? "*" : verb}`;

/** Plans from the smallest; null, the server's own limits, is above all. */
const plansUpward: readonly (Plan | null)[] = ["free", "pro", "team", null];

/** Whether a plan allows more requests than another. */
export const isMorePlan = (plan: Plan | null, than: Plan | null): boolean =>
  plansUpward.indexOf(plan) > plansUpward.indexOf(than);
