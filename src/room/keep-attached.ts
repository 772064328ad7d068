import type { AppStore } from "../app/store.js";
import type { Connection } from "../contract/connection.js";
import { toFailure } from "../core/failure.js";

const retryMs = { first: 1_000, last: 30_000 };

export interface Attachment {
  /** null until attached. */
  connection(): Connection | null;
  /** Tries at once, whether the first attaching fails or an attached link is lost. */
  retryNow(): void;
  close(): Promise<void>;
}

export interface AttachmentParts {
  readonly store: AppStore;
  readonly connect: () => Promise<Connection>;
  /** Once, when the connection is there. */
  readonly onAttached: (connection: Connection) => void;
}

/** Attaches, and tries for ever while that fails; each failure is on the screen with the time of the next try. */
export function keepAttached({ store, connect, onAttached }: AttachmentParts): Attachment {
  let connection: Connection | null = null;
  let attempt = 0;
  let isTrying = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const startedAt = Date.now();

  const fail = (error: unknown) => {
    const failure = toFailure(error);
    const waitMs = Math.min(retryMs.last, retryMs.first * 2 ** attempt++);
    timer = setTimeout(() => void attempting(), waitMs);
    const link = {
      state: "lost",
      since: startedAt,
      attempt,
      retryAt: Date.now() + waitMs,
      reason: failure.message,
    } as const;
    store.dispatchAll([
      { type: "link/changed", link },
      { type: "link/failed", failure },
    ]);
  };
  const attempting = async () => {
    if (isTrying || connection !== null) return;
    isTrying = true;
    clearTimeout(timer);
    try {
      const made = await connect();
      if (hasClosed()) return void made.close();
      connection = made;
      onAttached(made);
    } catch (error) {
      if (!hasClosed()) fail(error);
    } finally {
      isTrying = false;
    }
  };
  const hasClosed = () => isClosed;

  void attempting();
  return {
    connection: () => connection,
    retryNow: () => (connection === null ? void attempting() : connection.retryNow()),
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await connection?.close();
    },
  };
}
