import type { ProviderState, SeenPod } from "../../contract/provider.js";
import type { Provider } from "./provider.js";
import { type ProviderLoop, startProviderLoop } from "./provider-loop.js";
import { type ProviderWatch, type WatchParts, watchProvider } from "./provider-watch.js";
import { createSystemLines } from "./system-lines.js";

export interface FleetParts
  extends Omit<WatchParts, "systemLines" | "interest" | "heed" | "lastSystemLine" | "signal"> {
  readonly providers: readonly Provider[];
}

export interface Fleet {
  readonly providers: readonly Provider[];
  /** Begins to look at every provider, and goes on until `stop`. Without a provider nothing runs, no timer either. */
  start(): void;
  stop(): Promise<void>;
  /** Looks at a provider now; resolves when that is recorded, also when it failed: `state` says so. */
  look(provider: string): Promise<void>;
  /** What somebody learnt of a pod by asking for it alone; null: it is gone. */
  note(provider: string, providerId: string, seen: SeenPod | null): Promise<void>;
  /** Somebody looks at pods: for a while they are looked at often. */
  watched(): void;
  /** Something is about to change: looked at often for a while, beginning now. */
  stir(): void;
  provider(name: string): Provider | undefined;
  state(name: string): ProviderState | undefined;
  lastSystemLine(podId: string): string | null;
  /** Called after each look; the answer is when it wants the next one at the latest (ms; Infinity: whenever). */
  onLook(heed: WatchParts["heed"]): void;
}

/** A screen that is open asks at least this often: the local pod's samples wake it. */
const watchedForMs = 20_000;
const stirredForMs = 120_000;

/** Keeps the rows of all providers' pods as the providers tell of them. */
export function createFleet(parts: FleetParts): Fleet {
  const { store, clock, providers, log } = parts;
  const stopping = new AbortController();
  const loops = new Map<string, ProviderLoop>();
  let watchedUntil = -Infinity;
  let stirredUntil = -Infinity;
  let heed: WatchParts["heed"] = () => Promise.resolve(Infinity);

  const systemLines = createSystemLines(() => {
    store
      .change(({ touch }) => {
        touch("pods");
        return Promise.resolve();
      })
      .catch((error: unknown) => log(`pods: ${String(error)}`));
  });
  const watchParts: WatchParts = {
    ...parts,
    signal: stopping.signal,
    systemLines,
    lastSystemLine: systemLines.of,
    interest: () => ({ isWatched: clock.now() < watchedUntil, isChanging: clock.now() < stirredUntil }),
    heed: (provider, rows) => heed(provider, rows),
  };
  const watches = new Map<string, ProviderWatch>(
    providers.map((provider) => [provider.name, watchProvider(watchParts, provider)]),
  );
  const hurry = () => {
    for (const loop of loops.values()) loop.hurry();
  };

  return {
    providers,
    lastSystemLine: systemLines.of,
    provider: (name) => watches.get(name)?.provider,
    state: (name) => watches.get(name)?.state(),
    async look(name) {
      await (loops.get(name)?.now() ?? watches.get(name)?.look());
    },
    async note(name, providerId, seen) {
      await watches.get(name)?.note(providerId, seen);
    },
    watched() {
      const now = clock.now();
      const isNew = now >= watchedUntil;
      watchedUntil = now + watchedForMs;
      if (isNew) hurry();
    },
    stir() {
      stirredUntil = clock.now() + stirredForMs;
      hurry();
    },
    onLook(listener) {
      heed = listener;
    },
    start() {
      for (const [name, watch] of watches) loops.set(name, startProviderLoop(watch.look, log));
    },
    async stop() {
      stopping.abort();
      systemLines.close();
      await Promise.all([...loops.values()].map((loop) => loop.stop()));
      await Promise.all(providers.map((provider) => provider.close()));
    },
  };
}
