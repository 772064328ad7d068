import type { Connection, Sink, Unsubscribe } from "../../contract/connection.js";
import type { OutputFile } from "../../contract/output.js";
import { toFailure } from "../../core/failure.js";
import type { ExperimentTab } from "../experiment-tabs.js";
import { visibleExperiments } from "../selectors/visible-experiments.js";
import type { AppEvent, AppState, AppStore } from "../store.js";
import type { Timers } from "./timers.js";

/** What a page of the list route holds at most. */
const pageLimit = 100;
/** More files than anybody scrolls through; the rest is said to be there. */
const heldFiles = 1000;
/** Files of a running experiment come and grow. */
const renewMs = 15_000;

interface Parts {
  readonly store: AppStore;
  readonly timers: Timers;
}

/** Asks for what only an experiment's detail shows, while it is open: that of the part that is shown, live where it can be. */
export function followExperimentDetail(connection: Connection, { store, timers }: Parts): Unsubscribe {
  let shown: string | null = null;
  let key = "";
  let stop: Unsubscribe = () => undefined;

  function follow(): void {
    const state = store.api.getState();
    const overlay = state.view.overlays.findLast(({ kind }) => kind === "experiment");
    const opened = overlay?.kind === "experiment" ? overlay : null;
    const id = opened?.id ?? null;
    if (id !== shown) {
      shown = id;
      store.dispatch(
        id === null
          ? { type: "experimentDetail/closed" }
          : { type: "experimentDetail/opened", experimentId: id, tab: opened?.tab ?? "overview" },
      );
      // What the event has changed comes back here.
      return;
    }
    const next = id === null ? "" : keyOf(state, id);
    if (next === key) return;
    key = next;
    stop();
    stop = id === null ? () => undefined : watchPart(connection, state, { store, timers, id });
  }

  const unsubscribe = store.api.subscribe(follow);
  follow();
  return () => {
    unsubscribe();
    stop();
  };
}

/** Another attempt, and its end, leave other files; what is watched tells of itself. */
function keyOf({ experimentDetail: { tab }, experiments }: AppState, id: string): string {
  if (tab !== "outputs") return `${id} ${tab}`;
  const row = visibleExperiments(experiments).byId(id);
  return `${id} ${tab} ${row?.attempt} ${row?.status}`;
}

interface Shown extends Parts {
  readonly id: string;
}

function watchPart(connection: Connection, state: AppState, { store, timers, id }: Shown): Unsubscribe {
  const { tab } = state.experimentDetail;
  const { dispatch } = store;
  const failing = (part: "qc" | "history" | "attempts"): Sink<never>["fail"] => {
    return (failure) => dispatch({ type: "experimentDetail/failed", experimentId: id, part, failure });
  };
  const received = (event: AppEvent) => dispatch(event);
  const type = "experimentDetail/received";
  const watches: Readonly<Record<ExperimentTab, () => Unsubscribe>> = {
    overview: () => () => undefined,
    config: () => () => undefined,
    qc: () =>
      connection.qc.watch(id, {
        next: (value) => received({ type, experimentId: id, part: "qc", value }),
        fail: failing("qc"),
      }),
    history: () =>
      connection.experiments.watchStatuses(id, {
        next: (rows) => received({ type, experimentId: id, part: "history", value: rows.toReversed() }),
        fail: failing("history"),
      }),
    attempts: () =>
      connection.experiments.watchAttempts(id, {
        next: (value) => received({ type, experimentId: id, part: "attempts", value }),
        fail: failing("attempts"),
      }),
    outputs: () => loadOutputs(connection, { store, timers, id }),
  };
  return watches[tab]();
}

function loadOutputs(connection: Connection, { store, timers, id }: Shown): Unsubscribe {
  let isOver = false;
  let cancel: Unsubscribe = () => undefined;
  const load = async () => {
    try {
      const value = await listedOutputs(connection, id);
      if (!isOver) store.dispatch({ type: "experimentDetail/received", experimentId: id, part: "outputs", value });
    } catch (error) {
      if (isOver) return;
      const failure = toFailure(error);
      store.dispatch({ type: "experimentDetail/failed", experimentId: id, part: "outputs", failure });
    }
    if (!isOver && isRunning(store.api.getState(), id)) cancel = timers.after(renewMs, () => void load());
  };
  void load();
  return () => {
    isOver = true;
    cancel();
  };
}

const isRunning = ({ experiments }: AppState, id: string) =>
  visibleExperiments(experiments).byId(id)?.status === "running";

async function listedOutputs(connection: Connection, id: string) {
  const rows: OutputFile[] = [];
  let cursor: string | undefined;
  do {
    const page = await connection.outputs.list(id, { limit: pageLimit, cursor });
    rows.push(...page.rows);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && rows.length < heldFiles);
  return { rows, more: cursor !== undefined };
}
