import { tokenMatcher } from "../token.js";
import { type Actor, owner } from "./actor.js";

/** Finds who stands behind a bearer token. */
export interface Actors {
  /** null: nobody has this token. Throws nothing. */
  byToken(token: string): Promise<Actor | null>;
}

/** `token` is the one of the data directory. */
export function createActors(token: string): Actors {
  const isOwner = tokenMatcher(token);
  return { byToken: async (given) => Promise.resolve(isOwner(given) ? owner : null) };
}
