import { setTimeout as delay } from "node:timers/promises";

/** Everything a client knows of time and chance, so that tests own both. */
export interface ClientTime {
  now(): number;
  /** 0 up to 1. */
  random(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<unknown>;
}

export const systemTime: ClientTime = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
