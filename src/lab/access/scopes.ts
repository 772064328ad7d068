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
export async function grantsOf(scopes: readonly Scope[], options: ScopeOptions): Promise<readonly Grant[]> {
  const grants = await Promise.all(scopes.map((scope, index) => grantsOfOne(scope, `scopes.${index}`, options)));
  return grants.flat();
}

async function grantsOfOne(scope: Scope, field: string, { labId, idOf }: ScopeOptions): Promise<Grant[]> {
  const where = labId ?? everyLab;
  if (scope === "*") return [{ labId: where, noun: "*", verb: "admin" }];
  const { family, slug, verb } = partsOf(scope);
  if (family !== "lab") return [{ labId: where, noun: family as Noun, verb }];
  const named = slug === "*" ? where : await idOf(slug);
  if (labId !== null && named !== labId) {
    throw new LabError("validation_error", `${field}: ${scope} is of another lab than labId`);
  }
  const of = verb === "admin" ? (["*"] as const) : plainNouns;
  return of.map((noun) => ({ labId: named, noun, verb }));
}

/** `experiments:read` or `lab:dark-energy:rw`. */
function partsOf(scope: Scope) {
  const [family = "", slug = "", right = slug] = scope.split(":");
  return { family, slug, verb: verbOf[right] ?? "read" };
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
