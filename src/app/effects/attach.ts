import type { Connection, Sink, Unsubscribe } from "../../contract/connection.js";
import type { Clock } from "../../core/clock.js";
import { toFailure } from "../../core/failure.js";
import type { AppEvent, AppStore } from "../store.js";
import { type Batch, createBatch } from "./batch.js";
import { followExperimentDetail } from "./experiment-detail.js";
import { followSelection } from "./follow.js";
import { watchMoney } from "./money.js";
import { loadOlder } from "./older.js";
import { followPodDetail } from "./pod-detail.js";
import { watchTelemetry } from "./telemetry.js";
import type { Timers } from "./timers.js";
import { watchActivity, watchQueues } from "./while-open.js";

export interface EffectOptions {
  readonly store: AppStore;
  readonly timers: Timers;
  readonly clock: Clock;
}

/** Makes everything that a connection pushes an event, until it is called off. The connection itself stays open. */
export function attach(connection: Connection, { store, timers, clock }: EffectOptions): Unsubscribe {
  const { dispatch, dispatchAll } = store;
  const batch = createBatch({ dispatchAll, timers, clock });
  const { label, lab, missing } = connection;
  dispatch({ type: "link/attached", label, lab, missing });
  const stops = [
    connection.watchLink((link) => dispatch({ type: "link/changed", link })),
    connection.experiments.watch(
      sink(batch, "experiments", {
        next(rows) {
          if (store.api.getState().link.fromDisk) batch.put("refreshed", { type: "link/refreshed" });
          return { type: "experiments/received", rows };
        },
        fail: (failure) => ({ type: "experiments/failed", failure }),
      }),
    ),
    connection.pods.watch(
      sink(batch, "pods", {
        next: (rows) => ({ type: "pods/received", rows }),
        fail: (failure) => ({ type: "pods/failed", failure }),
      }),
    ),
    connection.pods.watchProviders(
      sink(batch, "providers", {
        next: (providers) => ({ type: "pods/providersReceived", providers }),
        // An older lab does not tell of them; the pods say what is wrong with theirs.
        fail: () => null,
      }),
    ),
    watchTelemetry(connection, { store, timers, batch }),
    watchMoney(connection, batch),
    followPodDetail(connection, { store, timers }),
    followExperimentDetail(connection, { store, timers }),
    watchQueues(connection, store),
    watchActivity(connection, store),
    followSelection(connection, { store, timers, batch }),
    loadOlder(connection, { store, clock }),
  ];
  void loadTemplates(connection, store);
  return () => {
    batch.stop();
    for (const stop of stops) stop();
  };
}

interface Events<T> {
  readonly next: (value: T) => AppEvent;
  readonly fail: (failure: Parameters<Sink<T>["fail"]>[0]) => AppEvent | null;
}

function sink<T>(batch: Batch, key: string, { next, fail }: Events<T>): Sink<T> {
  return {
    next: (value) => batch.put(key, next(value)),
    fail(failure) {
      const event = fail(failure);
      if (event !== null) batch.put(`${key} failure`, event);
    },
  };
}

async function loadTemplates(connection: Connection, { dispatch }: AppStore): Promise<void> {
  try {
    dispatch({ type: "templates/received", rows: await connection.templates.list() });
  } catch (error) {
    dispatch({ type: "templates/failed", failure: toFailure(error) });
  }
}
