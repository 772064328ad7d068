import { Plan } from "../../contract/access.js";
import type { Clock } from "../../core/clock.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import { tokenHash, tokenMatcher } from "../token.js";
import { type Actor, type Grant, owner } from "./actor.js";
import { looksLikeJwt, type VerifyJwt } from "./jwt.js";

/** Finds who stands behind a bearer token. */
export interface Actors {
  /** null: nobody has this token. Refuses wrong ones from where too many came. */
  byToken(token: string, address?: string): Actor | null | Promise<Actor | null>;
  /** Calls back when tokens may have changed their meaning: a key was revoked, a session ended. Returns the way to stop. */
  onChange(listener: () => void): () => void;
  close(): void;
}

export interface ActorsParts {
  /** The one of the data directory. */
  readonly token: string;
  readonly store: LabStore;
  readonly clock: Clock;
  readonly noteUse: (keyId: string, at: number) => void;
  readonly verifyJwt?: VerifyJwt | undefined;
}

interface Known {
  readonly actor: Actor | null;
  readonly until: number;
}

/** How long a token's meaning is kept without looking: a change of it is told at once, a change of its lab's plan is not. */
const keptMs = 60_000;
const maxKept = 10_000;
/** Wrong tokens, each counted once while it is remembered. */
const guessesPerMinute = 30;
const maxAddresses = 10_000;
/** Of these topics, any change may have taken something from a token. */
const accessTopics = ["keys", "sessions", "labs:refs"];

export function createActors({ token, store, clock, noteUse, verifyJwt }: ActorsParts): Actors {
  const isOwner = tokenMatcher(token);
  const known = new Map<string, Known>();
  const guesses = createGuesses();
  const listeners = new Set<() => void>();
  let version = 0;
  const stop = store.onChange((topics) => {
    if (!accessTopics.some((topic) => topics.has(topic))) return;
    version++;
    known.clear();
    for (const listener of listeners) listener();
  });

  const remember = (hash: string, actor: Actor | null) => {
    if (known.size >= maxKept) known.clear();
    known.set(hash, { actor, until: clock.now() + keptMs });
  };

  const used = (actor: Actor | null): Actor | null => {
    if (actor === null) return null;
    const now = clock.now();
    if (actor.expiresAt !== null && actor.expiresAt <= now) return null;
    if (actor.kind === "key") noteUse(actor.id, now);
    return actor;
  };

  const find = async (given: string, hash: string, address: string): Promise<Actor | null> => {
    const before = version;
    const stored = (await keyOf(store, hash)) ?? (await sessionOf(store, hash));
    const actor = stored ?? (verifyJwt !== undefined && looksLikeJwt(given) ? await verifyJwt(given) : null);
    // What changed while it was looked up may be what was looked up.
    if (version === before) remember(hash, actor);
    const valid = used(actor);
    if (valid === null) guesses.note(address, clock.now());
    return valid;
  };

  return {
    byToken(given, address = "") {
      if (isOwner(given)) return owner;
      const hash = tokenHash(given);
      const found = known.get(hash);
      const now = clock.now();
      if (found !== undefined && now < found.until && found.until - keptMs <= now) return used(found.actor);
      return find(given, hash, address);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: stop,
  };
}

async function keyOf({ db }: LabStore, hash: string): Promise<Actor | null> {
  const row = await db
    .selectFrom("api_keys")
    .leftJoin("labs", "labs.id", "api_keys.lab_id")
    .select(["api_keys.id", "api_keys.name", "api_keys.grants", "api_keys.expires_at"])
    .select(["api_keys.plan", "labs.plan as lab_plan"])
    .where("hash", "=", hash)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (row === undefined) return null;
  const grants = JSON.parse(row.grants) as Grant[];
  return {
    kind: "key",
    id: row.id,
    name: `key ${row.name}`,
    grants,
    plan: Plan.nullable().parse(row.plan ?? row.lab_plan),
    expiresAt: row.expires_at,
  };
}

async function sessionOf({ db }: LabStore, hash: string): Promise<Actor | null> {
  const row = await db
    .selectFrom("sessions")
    .select(["id", "agent_id", "grants", "plan", "created_by", "expires_at"])
    .where("hash", "=", hash)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    kind: "session",
    id: row.id,
    countedAs: row.created_by,
    name: `agent ${row.agent_id}`,
    grants: JSON.parse(row.grants) as Grant[],
    plan: Plan.nullable().parse(row.plan),
    expiresAt: row.expires_at,
  };
}

/** Counts wrong tokens by address, in windows of a minute. */
function createGuesses() {
  const counts = new Map<string, number>();
  let windowEndMs = 0;
  const minuteMs = 60_000;
  const turn = (now: number) => {
    if (now < windowEndMs && now >= windowEndMs - minuteMs) return;
    counts.clear();
    windowEndMs = now + minuteMs;
  };
  return {
    /** Refuses once there were too many. A right token never gets here: behind a proxy everybody has the same address. */
    note(address: string, now: number): void {
      turn(now);
      const count = counts.get(address) ?? 0;
      if (count >= guessesPerMinute) {
        const waitSeconds = Math.ceil((windowEndMs - now) / 1000);
        throw new LabError(
          "rate_limited",
          `Authorization: ${guessesPerMinute} wrong tokens came from your address within a minute; try again in ${waitSeconds} s.`,
        );
      }
      if (counts.size < maxAddresses || counts.has(address)) counts.set(address, count + 1);
    },
  };
}
