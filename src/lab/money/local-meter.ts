import { microsOf } from "../../core/micro-usd.js";
import type { LabStore } from "../store/store.js";
import type { Ledger } from "./ledger.js";

const everyMs = 10_000;

export interface LocalPod {
  readonly podId: string;
  /** Has no work now; null: nobody knows. */
  idle(): boolean | null;
}

export interface LocalMeter {
  start(): void;
  /** Counts up to now, so that nothing is left open. */
  stop(): Promise<void>;
  look(): Promise<void>;
}

/** Looks at this machine for the ledger. Without a configured price there is nothing to count. It costs whether it works or not. */
export function createLocalMeter(
  { store, ledger, log }: { store: LabStore; ledger: Ledger; log: (line: string) => void },
  pod: LocalPod,
): LocalMeter {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  const look = async () => {
    const row = await store.db.selectFrom("pods").selectAll().where("id", "=", pod.podId).executeTakeFirst();
    const costMicrosPerHour = microsOf(row?.cost_per_hour_usd);
    if (row === undefined || costMicrosPerHour === null) return;
    const seen = { podId: row.id, status: "running", slots: row.slots, gpuCount: row.gpu_count } as const;
    await store.change((change) =>
      ledger.accrue(change, [{ ...seen, costMicrosPerHour, stoppedMicrosPerHour: null, idle: pod.idle() }]),
    );
  };
  const tick = () => {
    working = look().catch((error: unknown) => log(`costs: ${String(error)}`));
  };
  return {
    look,
    start() {
      timer = setInterval(tick, everyMs);
      tick();
    },
    async stop() {
      clearInterval(timer);
      await working;
      if (timer !== undefined) tick();
      await working;
    },
  };
}
