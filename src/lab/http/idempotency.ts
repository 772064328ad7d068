import { hash } from "node:crypto";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";

/** A request that may come twice. */
export interface Repeatable {
  /** Id of the actor: everybody has keys of their own. */
  readonly actor: string;
  readonly key: string;
  /** What must be the same the second time: method, path with query, body. */
  readonly request: readonly string[];
  /** Waits for something outside the lab, so its answer can't be stored in one transaction with what it did. */
  readonly waits: boolean;
  /** Its answer shows a secret, which is kept nowhere. */
  readonly isSecret: boolean;
}

export interface KeptAnswer {
  readonly status: number;
  readonly text: string;
}

export interface Idempotency {
  /** Runs it the first time; later answers with what was answered then. A refused request is not kept: it did nothing. */
  once(request: Repeatable, run: () => Promise<KeptAnswer | Response>): Promise<Outcome>;
}

export type Outcome = { readonly answer: KeptAnswer | Response; readonly isReplay: boolean };

const keptMs = 24 * 3_600_000;
const pruneEveryMs = 3_600_000;
const writable = /^[\x20-\x7e]{1,255}$/;

export function createIdempotency(store: LabStore): Idempotency {
  /** Requests that run now; a stored one that is not among them was cut off by the end of an earlier life. */
  const running = new Set<string>();
  let prunedAt = 0;

  /** The answer of the first time, or null after making a place for it. */
  const claim = (repeatable: Repeatable): Promise<KeptAnswer | null> =>
    store.change(async ({ tx, at }) => {
      const { actor, key, request, isSecret } = repeatable;
      if (at - prunedAt > pruneEveryMs) {
        prunedAt = at;
        await tx
          .deleteFrom("idempotency_keys")
          .where("at", "<", at - keptMs)
          .execute();
      }
      const known = await tx
        .selectFrom("idempotency_keys")
        .selectAll()
        .where("actor", "=", actor)
        .where("key", "=", key)
        .where("at", ">=", at - keptMs)
        .executeTakeFirst();
      const requestHash = hash("sha256", JSON.stringify(request));
      if (known !== undefined)
        return answerOf(known, requestHash, { isRunning: running.has(nameOf(repeatable)), isSecret });
      const row = { request_hash: requestHash, status: null, answer: null, at };
      await tx
        .insertInto("idempotency_keys")
        .values({ actor, key, ...row })
        .onConflict((conflict) => conflict.columns(["actor", "key"]).doUpdateSet(row))
        .execute();
      running.add(nameOf(repeatable));
      return null;
    });

  const keep = ({ actor, key, isSecret }: Repeatable, { status, text }: KeptAnswer) =>
    store.change(async ({ tx }) => {
      await tx
        .updateTable("idempotency_keys")
        .set({ status, answer: isSecret ? null : text })
        .where("actor", "=", actor)
        .where("key", "=", key)
        .execute();
    });

  const forget = ({ actor, key }: Repeatable) =>
    store.change(async ({ tx }) => {
      await tx.deleteFrom("idempotency_keys").where("actor", "=", actor).where("key", "=", key).execute();
    });

  const runOnce = async (request: Repeatable, run: () => Promise<KeptAnswer | Response>): Promise<Outcome> => {
    const known = await claim(request);
    if (known !== null) return { answer: known, isReplay: true };
    try {
      const answer = await run();
      await (answer instanceof Response ? forget(request) : keep(request, answer));
      return { answer, isReplay: false };
    } catch (error) {
      if (request.waits) await forget(request);
      throw error;
    } finally {
      running.delete(nameOf(request));
    }
  };

  return {
    async once(request, run) {
      if (!writable.test(request.key)) {
        throw new LabError("validation_error", "Idempotency-Key: must have 1 to 255 printable characters");
      }
      // What a request does, and that it was done, are kept together or not at all, where that can be.
      return request.waits ? runOnce(request, run) : store.change(() => runOnce(request, run));
    },
  };
}

const nameOf = ({ actor, key }: Repeatable) => `${actor} ${key}`;

interface KeptRow {
  readonly request_hash: string;
  readonly status: number | null;
  readonly answer: string | null;
}

function answerOf(
  { request_hash, status, answer }: KeptRow,
  requestHash: string,
  { isRunning, isSecret }: { isRunning: boolean; isSecret: boolean },
): KeptAnswer {
  if (request_hash !== requestHash) {
    throw new LabError("validation_error", "Idempotency-Key: was used for another request; take a new one");
  }
  if (status !== null && answer !== null) return { status, text: answer };
  if (isSecret && status !== null) {
    throw new LabError(
      "conflict",
      "Idempotency-Key: this was done; its answer holds a secret, which is shown once only",
    );
  }
  if (isRunning) throw new LabError("conflict", "Idempotency-Key: this request is still running; ask again later");
  throw new LabError(
    "conflict",
    "Idempotency-Key: the lab ended while this request ran; look whether it was done, then take a new key",
  );
}
