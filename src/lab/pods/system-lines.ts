import type { PodRow } from "./pod-row.js";
import type { Provider } from "./provider.js";

/** Streams at once at most: the other pods that come up have no line meanwhile. */
const mostStreams = 8;
const longestLine = 200;

export interface SystemLines {
  /** The last line of the provider's system log; null: none yet, or the pod is up. */
  of(podId: string): string | null;
  /** Follows those that come up, and lets go of the others. */
  follow(provider: Provider, rows: readonly PodRow[]): void;
  close(): void;
}

/**
 * The provider's system log is the only window into "still pulling the image": followed while a pod comes up, last line only. A
 * stream that breaks off is opened again at the next look.
 */
export function createSystemLines(onLine: () => void): SystemLines {
  const lines = new Map<string, string>();
  const streams = new Map<string, AbortController>();

  const read = async (provider: Provider, row: PodRow, signal: AbortSignal) => {
    const { provider_id: providerId } = row;
    if (providerId === null) return;
    for await (const told of provider.followLog(providerId, { source: "system", tail: 1, signal })) {
      const line = told.at(-1)?.line.trim().slice(0, longestLine);
      if (line === undefined || line === "" || signal.aborted) continue;
      lines.set(row.id, line);
      onLine();
    }
  };
  const open = (provider: Provider, row: PodRow) => {
    const controller = new AbortController();
    streams.set(row.id, controller);
    // A pod that is not placed yet has no log: nothing is wrong.
    read(provider, row, controller.signal)
      .catch(() => undefined)
      .finally(() => {
        if (streams.get(row.id) === controller) streams.delete(row.id);
      });
  };
  const letGo = (podId: string) => {
    streams.get(podId)?.abort();
    streams.delete(podId);
    lines.delete(podId);
  };

  return {
    of: (podId) => lines.get(podId) ?? null,
    follow(provider, rows) {
      for (const row of rows) {
        if (row.status !== "creating") letGo(row.id);
        else if (!streams.has(row.id) && streams.size < mostStreams && row.provider_id !== null) open(provider, row);
      }
    },
    close() {
      for (const controller of streams.values()) controller.abort();
      streams.clear();
    },
  };
}
