import { AsyncLocalStorage } from "node:async_hooks";
import type { Need } from "../../contract/access.js";
import { LabError } from "../lab-error.js";
import { type Actor, everyLab, labsFor, mayAnywhere, mayIn, narrowed } from "./actor.js";

/** A call from outside: who asks, for what, and what it has read so far (topics of the store). */
export interface Asking {
  readonly actor: Actor;
  readonly need: Need;
  readonly reads: Set<string>;
}

const asking = new AsyncLocalStorage<Asking | undefined>();

/**
 * Runs a call from outside. Every service below checks the labs it touches against the caller (`needLab`, `visibleLabs`); without
 * a caller it is the lab itself that works, which may do everything. Refuses at once whoever could not do this in any lab.
 */
export function ask<T>({ actor, need }: Pick<Asking, "actor" | "need">, reads: Set<string>, work: () => T): T {
  if (!mayAnywhere(actor, need)) throw forbidden(need);
  return asking.run({ actor, need, reads }, work);
}

/** Runs what a call sets going as the lab itself: the scheduler that it wakes is not the caller, and has not the caller's rights. */
export const asLab = <T>(work: () => T): T => asking.run(undefined, work);

/** Runs part of a call as if whoever calls saw that lab alone: where each lab has its own EXP-001. */
export function askInLab<T>(labId: string, work: () => T): T {
  const call = asking.getStore();
  return call === undefined ? work() : asking.run({ ...call, actor: narrowed(call.actor, labId) }, work);
}

const forbidden = (need: Need) => new LabError("forbidden", `This key lacks the scope ${need}.`);

/** Who asks; null: the lab itself works. */
export const currentActor = (): Actor | null => asking.getStore()?.actor ?? null;

/** For histories. */
export const actorName = (): string => currentActor()?.name ?? "lab";

/** Names what a live query depends on, in the service that reads it: the query runs again when a change touches it. */
export function noteRead(...topics: readonly string[]): void {
  const reads = asking.getStore()?.reads;
  if (reads !== undefined) for (const topic of topics) reads.add(topic);
}

/** Refuses a lab that the caller may not touch this way: as if it were not there, when the caller has nothing to do with it. */
export function needLab(labId: string, missing: string): void {
  const call = asking.getStore();
  if (call === undefined) return;
  const may = mayIn(call.actor, labId, call.need);
  if (may === "unseen") throw new LabError("not_found", missing);
  if (may === "forbidden") throw forbidden(call.need);
}

/** Whether the caller may also do `need` there: for an answer that is put together from several nouns. */
export function mayAlso(labId: string, need: Need): boolean {
  const call = asking.getStore();
  return call === undefined || mayIn(call.actor, labId, need) === "yes";
}

/** Document ids of the labs whose things the caller may see with this call; null: all. */
export function visibleLabs(): readonly string[] | null {
  const call = asking.getStore();
  if (call === undefined) return null;
  const labs = labsFor(call.actor, call.need);
  return labs === everyLab ? null : labs;
}
