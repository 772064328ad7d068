import type { Connection, Unsubscribe } from "../../contract/connection.js";
import { toFailure } from "../../core/failure.js";
import type { AppState, AppStore } from "../store.js";

/** As many as the documented route gives at most. */
const pageLines = 1000;
/** Lines above the window below which the next page is fetched. */
const nearTop = 500;

export interface EarlierLinesOptions {
  readonly store: AppStore;
  readonly experimentId: string;
  /** False after a restart: sequence numbers have begun anew, so that what is earlier can't be named. */
  readonly mayLoad: () => boolean;
}

/** Fetches the lines before the first one held when a person comes near it. One page at a time; never after lines were dropped. */
export function loadEarlierLines(
  connection: Connection,
  { store, experimentId, mayLoad }: EarlierLinesOptions,
): Unsubscribe {
  let isLoading = false;
  let hasMore = connection.missing["logs.before"] === undefined;
  let isStopped = false;

  async function load(beforeSeq: number): Promise<void> {
    isLoading = true;
    try {
      const lines = await connection.logs.before(experimentId, beforeSeq, pageLines);
      if (isStopped) return;
      const { buffer } = store.api.getState().log;
      hasMore = lines.length > 0;
      if (!mayLoad() || firstSeq(store.api.getState()) !== beforeSeq) return;
      buffer.prepend(lines);
      store.dispatch({ type: "log/appended" });
    } catch (error) {
      // Not asked again by itself: the next move of the person does.
      hasMore = false;
      store.dispatch({ type: "log/failed", failure: toFailure(error) });
    } finally {
      isLoading = false;
    }
  }

  const unsubscribe = store.api.subscribe((state, before) => {
    if (state.log === before.log || isLoading) return;
    if (state.log.topIndex !== before.log.topIndex && state.log.failure !== null) hasMore = true;
    if (!hasMore || !mayLoad() || !isNearTop(state)) return;
    const seq = firstSeq(state);
    if (seq !== null && seq > 0) void load(seq);
  });
  return () => {
    isStopped = true;
    unsubscribe();
  };
}

function isNearTop({ log }: AppState): boolean {
  return !log.following && log.buffer.droppedLines === 0 && log.topIndex - log.buffer.firstIndex < nearTop;
}

function firstSeq({ log: { buffer } }: AppState): number | null {
  const line = buffer.line(buffer.firstIndex, 0);
  return line?.kind === "line" ? line.seq : null;
}
