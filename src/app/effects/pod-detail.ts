import type { Connection, Unsubscribe } from "../../contract/connection.js";
import { toFailure } from "../../core/failure.js";
import type { AppState, AppStore } from "../store.js";
import type { Timers } from "./timers.js";

const dayMs = 86_400_000;
/** More samples than a chart has columns. */
const windowPoints = 300;
/** One sample an hour over two weeks: what each day has cost is counted from these. */
const days = { windowMs: 14 * dayMs, points: 14 * 24 } as const;
const renewMs = 60_000;
const tailLines = 500;

const openPod = ({ view }: AppState) => view.overlays.findLast(({ kind }) => kind === "pod");

/** Asks for what only a pod's detail shows, while it is open: its samples, and on the log's tab its log. */
export function followPodDetail(
  connection: Connection,
  { store, timers }: { readonly store: AppStore; readonly timers: Timers },
): Unsubscribe {
  let shown: string | null = null;
  let key = "";
  let stops: readonly Unsubscribe[] = [];
  const stopAll = () => {
    for (const stop of stops) stop();
    stops = [];
  };

  function follow(): void {
    const { overlay, tab, windowMs } = wanted(store.api.getState());
    const podId = overlay?.id ?? null;
    if (podId !== shown) {
      shown = podId;
      store.dispatch(
        podId === null
          ? { type: "podDetail/closed" }
          : { type: "podDetail/opened", podId, tab: overlay?.tab ?? "overview" },
      );
      // What the event has changed comes back here.
      return;
    }
    const next = podId === null ? "" : `${podId} ${tab} ${windowMs}`;
    if (next === key) return;
    key = next;
    stopAll();
    if (podId === null) return;
    if (tab === "log") stops = [followLog(connection, store, podId)];
    else if (tab !== "overview") stops = [watchSamples(connection, { store, timers, podId, windowMs })];
  }

  const unsubscribe = store.api.subscribe(follow);
  follow();
  return () => {
    unsubscribe();
    stopAll();
  };
}

function wanted(state: AppState) {
  const overlay = openPod(state);
  return {
    overlay: overlay?.kind === "pod" ? overlay : null,
    tab: state.podDetail.tab,
    windowMs: state.pods.windowMs,
  };
}

interface WatchOptions {
  readonly store: AppStore;
  readonly timers: Timers;
  readonly podId: string;
  readonly windowMs: number;
}

function watchSamples(connection: Connection, { store, timers, podId, windowMs }: WatchOptions): Unsubscribe {
  let isOver = false;
  let cancel: Unsubscribe = () => undefined;
  const load = async () => {
    try {
      const [samples, hourly] = await Promise.all([
        connection.telemetry.window({ windowMs, points: windowPoints, podId }),
        connection.telemetry.window({ ...days, podId }),
      ]);
      if (isOver) return;
      store.dispatchAll([
        { type: "podDetail/samplesReceived", samples },
        { type: "podDetail/daysReceived", samples: hourly },
      ]);
    } catch (error) {
      if (!isOver) store.dispatch({ type: "podDetail/samplesFailed", failure: toFailure(error) });
    }
  };
  function renew(): void {
    void load();
    cancel = timers.after(renewMs, renew);
  }
  renew();
  return () => {
    isOver = true;
    cancel();
  };
}

function followLog(connection: Connection, store: AppStore, podId: string): Unsubscribe {
  return connection.pods.followLog(
    podId,
    { tail: tailLines },
    {
      next: (lines) => store.dispatch({ type: "podDetail/logReceived", lines }),
      fail: (failure) => store.dispatch({ type: "podDetail/logFailed", failure }),
    },
  );
}
