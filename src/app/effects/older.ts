import type { Connection, Unsubscribe } from "../../contract/connection.js";
import type { Clock } from "../../core/clock.js";
import { toFailure } from "../../core/failure.js";
import { visibleExperiments } from "../selectors/visible-experiments.js";
import type { ExperimentsState } from "../slices/experiments.js";
import type { AppStore } from "../store.js";

const pageRows = 100;
/** Rows between the cursor and the end of the list below which the next page of history is fetched. */
const nearEnd = 60;
/** Pages fetched for one place of the cursor: a filter that matches little must not read all of history. */
const pagesAtOnce = 5;

/** Fetches history, a page at a time, when the cursor comes near the end of the list. */
export function loadOlder(connection: Connection, { store, clock }: { store: AppStore; clock: Clock }): Unsubscribe {
  let isLoading = false;
  let isStopped = connection.missing["experiments.older"] !== undefined;
  let pages = 0;

  async function load(beforeId: string | null): Promise<void> {
    isLoading = true;
    pages++;
    try {
      const { rows, more } = await connection.experiments.older(beforeId, pageRows);
      isLoading = false;
      if (!isStopped) store.dispatch({ type: "experiments/olderReceived", rows, more });
    } catch (error) {
      isLoading = false;
      pages = pagesAtOnce;
      const { message } = toFailure(error);
      store.dispatch({ type: "notice/shown", tone: "bad", text: `Older experiments: ${message}`, at: clock.now() });
    }
  }

  const unsubscribe = store.api.subscribe(({ experiments }, { experiments: before }) => {
    if (experiments === before) return;
    if (experiments.selectedId !== before.selectedId || experiments.filter !== before.filter) pages = 0;
    const isReady = experiments.loaded && experiments.moreOlder && !isLoading && !isStopped && pages < pagesAtOnce;
    if (isReady && isNearEnd(experiments)) void load(oldestId(experiments));
  });
  return () => {
    isStopped = true;
    unsubscribe();
  };
}

function isNearEnd(experiments: ExperimentsState): boolean {
  const view = visibleExperiments(experiments);
  return view.positionOf(experiments.selectedId) >= view.length - nearEnd;
}

/**
 * The last row without a hole above it. The live list also has old unfinished rows, so before any history it is the
 * oldest one that has ended; without one, history starts at its beginning and overlaps.
 */
function oldestId({ older, live }: ExperimentsState): string | null {
  const last = older.at(-1);
  if (last !== undefined) return last._id;
  const ended = live.filter(({ status }) => status === "pass" || status === "fail");
  return (
    ended.reduce<(typeof live)[number] | null>(
      (oldest, row) => (oldest === null || row._creationTime < oldest._creationTime ? row : oldest),
      null,
    )?._id ?? null
  );
}
