import type { RunpodClient } from "../../clients/runpod/index.js";

/** The last line of the system log of pods that come up: the only sign of how far a pull or a boot has got. */
export interface SystemLines {
  /** Follows the log of a pod while it comes up. */
  follow(podId: string, isComingUp: boolean): void;
  last(podId: string): string | null;
  close(): void;
}

/** Each is a connection of its own; a fleet that boots all at once goes without. */
const mostFollowed = 8;

export function createSystemLines(pods: Pick<RunpodClient["pods"], "followLog">): SystemLines {
  const followed = new Map<string, AbortController>();
  const lines = new Map<string, string>();

  const read = async (podId: string, signal: AbortSignal): Promise<void> => {
    try {
      for await (const batch of pods.followLog(podId, { source: "system", tail: 1, signal })) {
        const line = batch.at(-1)?.line;
        if (line !== undefined) lines.set(podId, line);
      }
    } catch {
      // A key without the right to logs: then there is no such line.
    }
  };
  return {
    follow: (podId, isComingUp) => {
      const stop = followed.get(podId);
      if (isComingUp && stop === undefined && followed.size < mostFollowed) {
        const started = new AbortController();
        followed.set(podId, started);
        void read(podId, started.signal);
      } else if (!isComingUp && stop !== undefined) {
        stop.abort();
        followed.delete(podId);
      }
    },
    last: (podId) => lines.get(podId) ?? null,
    close: () => {
      for (const stop of followed.values()) stop.abort();
      followed.clear();
    },
  };
}
