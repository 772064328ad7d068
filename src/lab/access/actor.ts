import type { Need, Noun, Plan, Verb } from "../../contract/access.js";

/** A right: in one lab or in all, on one noun or on all. Plain JSON, so that it can be kept with a session. */
export interface Grant {
  /** Document id of the lab. */
  readonly labId: string;
  readonly noun: Noun | "*";
  readonly verb: Verb;
}

/** In the place of a lab's id: all of them, also those that come later. */
export const everyLab = "*";

/** Who asks. */
export interface Actor {
  readonly kind: "owner" | "key" | "session" | "jwt";
  /** Of the key, session or subject. */
  readonly id: string;
  /** Whose requests are counted for the rate limit, where that is not `id`: the key that made a session. */
  readonly countedAs?: string;
  /** For histories: `owner`, `key ci`, `agent alpha`. No secret. */
  readonly name: string;
  readonly grants: readonly Grant[];
  /** null: the limits that the server was started with. */
  readonly plan: Plan | null;
  /** ms; null: never. */
  readonly expiresAt: number | null;
}

/** Who has the token of the data directory. */
export const owner: Actor = {
  kind: "owner",
  id: "owner",
  name: "owner",
  grants: [{ labId: everyLab, noun: "*", verb: "admin" }],
  plan: null,
  expiresAt: null,
};

const rank: Readonly<Record<Verb, number>> = { read: 0, write: 1, admin: 2 };

function meets({ noun, verb }: Grant, need: Need): boolean {
  if (need === "any") return true;
  const [wantedNoun, wantedVerb] = need.split(":") as [Noun, Verb];
  return (noun === "*" || noun === wantedNoun) && rank[verb] >= rank[wantedVerb];
}

/** Whether the actor may do this in some lab. */
export const mayAnywhere = ({ grants }: Actor, need: Need): boolean =>
  need === "any" || grants.some((grant) => meets(grant, need));

/** `unseen`: it has nothing to do with that lab, and is not told that there is one. */
export function mayIn({ grants }: Actor, labId: string, need: Need): "yes" | "forbidden" | "unseen" {
  const there = grants.filter((grant) => grant.labId === everyLab || grant.labId === labId);
  if (there.length === 0) return "unseen";
  return there.some((grant) => meets(grant, need)) ? "yes" : "forbidden";
}

/** The same one, as far as it reaches into that lab. */
export const narrowed = (actor: Actor, labId: string): Actor => ({
  ...actor,
  grants: actor.grants
    .filter((grant) => grant.labId === everyLab || grant.labId === labId)
    .map((grant) => ({ ...grant, labId })),
});

/** The labs in which it may do this; `everyLab` for all. */
export function labsFor({ grants }: Actor, need: Need): typeof everyLab | readonly string[] {
  const labIds = grants.filter((grant) => meets(grant, need)).map(({ labId }) => labId);
  return labIds.includes(everyLab) ? everyLab : [...new Set(labIds)];
}
