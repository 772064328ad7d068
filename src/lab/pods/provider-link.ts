import type { ProviderState } from "../../contract/provider.js";
import { type Failure, type FailureKind } from "../../core/failure.js";
import { failureWords } from "./provider-error.js";

/** Failures in a row until a provider counts as down: one lost answer is none. */
const failuresUntilDown = 3;
/** Refusals that no second try changes. */
const final: ReadonlySet<FailureKind> = new Set(["auth", "forbidden", "gone"]);
const retryFinalMs = 5 * 60_000;
const longestRetryMs = 60_000;

/** How the looks at a provider went. */
export interface ProviderLink {
  /** ms of the last good look; null: none yet. */
  readonly okAt: number | null;
  /** Of the bad ones since. */
  readonly failures: number;
  readonly failedSince: number | null;
  readonly failure: Failure | null;
}

export const noLink: ProviderLink = { okAt: null, failures: 0, failedSince: null, failure: null };

export const linkAfterSuccess = (at: number): ProviderLink => ({ ...noLink, okAt: at });

export function linkAfterFailure(link: ProviderLink, failure: Failure, at: number): ProviderLink {
  return { okAt: link.okAt, failures: link.failures + 1, failedSince: link.failedSince ?? at, failure };
}

export function isDown({ failure, failures }: ProviderLink): boolean {
  return failure !== null && (failures >= failuresUntilDown || final.has(failure.kind));
}

/** What to add to the pause after failures; a key that was refused is not tried over and over. */
export function retryMs({ failure, failures }: ProviderLink, paceMs: number): number {
  if (failure === null) return paceMs;
  if (final.has(failure.kind)) return retryFinalMs;
  return Math.max(paceMs, Math.min(longestRetryMs, 5000 * 2 ** Math.min(failures - 1, 10)));
}

/** In words for the screen. */
export function stateOf(provider: { name: string; label: string }, link: ProviderLink): ProviderState {
  const { failure, failedSince, okAt } = link;
  const state = isDown(link) ? "down" : okAt === null ? "starting" : "ok";
  const named = { name: provider.name, label: provider.label };
  if (failure === null || state !== "down") return { ...named, state, since: okAt, reason: null };
  return { ...named, state, since: failedSince, reason: reasonOf(provider.label, failure) };
}

function reasonOf(label: string, failure: Failure): string {
  const words = failureWords(failure);
  switch (failure.kind) {
    case "auth":
      return `${label} refuses the key: ${words}`;
    case "forbidden":
      return `${label}: the key may not do this: ${words}`;
    case "payment":
      return `${label}: no balance: ${words}`;
    case "gone":
      return `${label} has retired this API: ${words}`;
    default:
      return `${label} does not answer: ${words}`;
  }
}
