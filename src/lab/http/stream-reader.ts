import type { Context } from "hono";
import type { Env } from "./answer.js";
import type { RouteContext } from "./route.js";

/** Whoever reads a stream, which may last longer than the right to it. */
export interface StreamReader {
  /** Aborted when a key was revoked or a session ended; told at once. */
  readonly signal: AbortSignal;
  /** Whether the reader may not read on. Asked between two frames, it finds what has expired as well. */
  isOut(): Promise<boolean>;
  close(): void;
}

/** The last event of a stream that is ended because of its reader. */
export const outWords = "the token was revoked, or has expired";

export function watchReader({ onAccessChange }: Pick<RouteContext, "onAccessChange">, http: Context): StreamReader {
  const { isStillKnown } = (http as Context<Env>).var;
  const out = new AbortController();
  const isOut = async () => {
    // Nobody goes because the question could not be answered: it is asked again.
    if (!out.signal.aborted && !(await isStillKnown().catch(() => true))) out.abort();
    return out.signal.aborted;
  };
  const stop = onAccessChange?.(() => void isOut());
  return { signal: out.signal, isOut, close: () => stop?.() };
}
