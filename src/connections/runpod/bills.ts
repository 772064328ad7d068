import type { ClientTime } from "../../clients/http/time.js";
import type { RunpodClient } from "../../clients/runpod/index.js";
import type { Sink, Unsubscribe } from "../../contract/connection.js";
import type { Costs } from "../../contract/cost.js";
import type { Pod } from "../../contract/pod.js";
import { toFailure } from "../../core/failure.js";
import { accountCosts, type Bill, spendBeside } from "./costs.js";

export interface Bills {
  get(): Promise<Costs>;
  watch(sink: Sink<Costs>): Unsubscribe;
  /** The pods have changed: costs go on with them without asking RunPod again. */
  refresh(): void;
  of(podId: string): { readonly todayUsd: number | null; readonly monthUsd: number | null };
  close(): void;
}

/** Bills change every few minutes at most, and each look is three requests. */
const everyMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;

/** What the account costs, while somebody looks at it. */
export function createBills(client: RunpodClient, time: ClientTime, pods: () => readonly Pod[]): Bills {
  const over = new AbortController();
  const sinks = new Set<Sink<Costs>>();
  let bill: Bill | null = null;
  let costs: Costs | null = null;
  let rows: ReadonlyMap<string, Costs["pods"][number]> = new Map();
  let isPolling = false;

  const load = async (): Promise<Bill> => {
    const now = time.now();
    const { signal } = over;
    const [hours, days, balance] = await Promise.all([
      client.billing.pods({ span: { lastN: 48 }, bucketSize: "hour", signal }),
      client.billing.pods({ span: { sinceMs: now - 31 * dayMs, untilMs: now }, bucketSize: "day", signal }),
      client.balance(),
    ]);
    return { hours, days, balance: { ...balance, spendMicrosPerHour: spendBeside(balance, pods()) } };
  };
  const reckon = (from: Bill): Costs => {
    const now = time.now();
    costs = accountCosts(from, pods(), { now, todayAt: new Date(now).setHours(0, 0, 0, 0) });
    rows = new Map(costs.pods.map((row) => [row.id, row]));
    return costs;
  };
  const get = async () => reckon((bill = await load()));

  async function poll(): Promise<void> {
    while (!over.signal.aborted && sinks.size > 0) {
      try {
        const next = await get();
        for (const sink of sinks) sink.next(next);
      } catch (error) {
        for (const sink of sinks) sink.fail(toFailure(error));
      }
      await time.sleep(client.governor.paceMs(everyMs, 3), over.signal).catch(() => undefined);
    }
    isPolling = false;
  }

  return {
    get,
    watch: (sink) => {
      sinks.add(sink);
      if (costs !== null) sink.next(costs);
      if (!isPolling) {
        isPolling = true;
        void poll();
      }
      return () => sinks.delete(sink);
    },
    refresh: () => {
      if (bill === null || sinks.size === 0) return;
      const next = reckon(bill);
      for (const sink of sinks) sink.next(next);
    },
    of: (podId) => {
      const row = rows.get(podId);
      return { todayUsd: row?.todayUsd ?? null, monthUsd: row?.monthUsd ?? null };
    },
    close: () => {
      over.abort();
      sinks.clear();
    },
  };
}
