import type { Connection, LogEvent, Unsubscribe } from "../../contract/connection.js";
import type { LogBuffer } from "../log-buffer.js";
import { visibleExperiments } from "../selectors/visible-experiments.js";
import type { AppStore } from "../store.js";
import type { Batch } from "./batch.js";
import { loadEarlierLines } from "./earlier-lines.js";
import type { Timers } from "./timers.js";

/** Lines asked for when a log is opened; older ones come when a person scrolls up to them. */
export const backlogLines = 5000;

/** The cursor rests this long on a row before its log is opened, so that holding `j` opens none. */
const restMs = 90;

export interface FollowOptions {
  readonly store: AppStore;
  readonly timers: Timers;
  readonly batch: Batch;
}

/** Keeps the log and the chain on the selected experiment. */
export function followSelection(connection: Connection, { store, timers, batch }: FollowOptions): Unsubscribe {
  let openId: string | null = null;
  let wantedId: string | null = null;
  let stopWaiting: (() => void) | null = null;
  let stops: readonly Unsubscribe[] = [];

  function open(): void {
    stopWaiting = null;
    if (wantedId === openId) return;
    for (const stop of stops) stop();
    openId = wantedId;
    const { log, chain } = store.api.getState();
    // What was read from disk of this very experiment stays until its own lines come.
    if (log.experimentId !== openId) {
      log.buffer.clear();
      store.dispatch({ type: "log/opened", experimentId: openId });
    }
    if (chain.experimentId !== openId) store.dispatch({ type: "chain/opened", experimentId: openId });
    stops = openId === null ? [] : subscribe(openId);
  }

  function subscribe(experimentId: string): readonly Unsubscribe[] {
    const { experiments, log } = store.api.getState();
    const { buffer } = log;
    let isFirst = true;
    let isOneAttempt = true;
    // A log without lines has nothing to push: it is known to be empty all the same.
    if (visibleExperiments(experiments).byId(experimentId)?.logLines === 0) store.dispatch({ type: "log/appended" });
    return [
      loadEarlierLines(connection, { store, experimentId, mayLoad: () => isOneAttempt && !isFirst }),
      connection.logs.follow(
        experimentId,
        { backlog: backlogLines },
        {
          next(event) {
            if (openId !== experimentId) return;
            if (isFirst) buffer.clear();
            isFirst = false;
            if (event.type === "restarted") isOneAttempt = false;
            put(buffer, event);
            batch.put("log", { type: "log/appended" });
          },
          fail: (failure) => openId === experimentId && batch.put("logFailure", { type: "log/failed", failure }),
        },
      ),
      connection.metrics.watch(experimentId, {
        next: (series) => openId === experimentId && batch.put("chain", { type: "chain/received", series }),
        fail: (failure) => openId === experimentId && batch.put("chainFailure", { type: "chain/failed", failure }),
      }),
    ];
  }

  function select(id: string | null): void {
    if (id === wantedId) return;
    wantedId = id;
    stopWaiting?.();
    stopWaiting = null;
    if (openId === null) open();
    else stopWaiting = timers.after(restMs, open);
  }

  select(store.api.getState().experiments.selectedId);
  const unsubscribe = store.api.subscribe((state) => select(state.experiments.selectedId));
  return () => {
    unsubscribe();
    stopWaiting?.();
    for (const stop of stops) stop();
  };
}

function put(buffer: LogBuffer, event: LogEvent): void {
  switch (event.type) {
    case "lines":
      buffer.append(event.lines);
      break;
    case "gap":
      buffer.gap(event.fromSeq, event.toSeq);
      break;
    case "restarted":
      buffer.restart(event.attempt);
      break;
  }
}
