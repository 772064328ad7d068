import type { SeenPod } from "../../contract/provider.js";
import type { Clock } from "../../core/clock.js";
import type { Provider } from "./provider.js";

export interface Pauses {
  readonly clock: Clock;
  /** Injected, so that tests own the time. */
  readonly sleep: (ms: number) => Promise<void>;
}

const everyMs = 2000;

/**
 * Asks for a pod until it is as wanted, or the time is up. An answer of 200 to an action promises nothing (runpod-api §9): what was
 * read back counts. null: the provider does not know it any more; undefined: it could not be asked.
 */
export async function readBack(
  { clock, sleep }: Pauses,
  { provider, providerId, forMs }: { provider: Provider; providerId: string; forMs: number },
  isWanted: (seen: SeenPod | null) => boolean,
): Promise<{ readonly done: boolean; readonly seen: SeenPod | null | undefined }> {
  const until = clock.now() + forMs;
  let seen: SeenPod | null | undefined;
  for (;;) {
    try {
      seen = await provider.get(providerId);
      if (isWanted(seen)) return { done: true, seen };
    } catch {
      // A lost answer says nothing: asked again until the time is up.
    }
    if (clock.now() >= until) return { done: false, seen };
    await sleep(everyMs);
  }
}
