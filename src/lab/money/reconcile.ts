import type { Balance } from "../../contract/provider.js";
import type { Calendar } from "../../core/calendar.js";
import type { Clock } from "../../core/clock.js";
import { toFailure } from "../../core/failure.js";
import { hourMs } from "../../core/micro-usd.js";
import type { Provider } from "../pods/provider.js";
import type { LabStore } from "../store/store.js";
import { ownMicrosPerHour } from "./balance.js";
import { enterBill } from "./bill.js";
import { readPods } from "./burn.js";
import { hourOf } from "./charge.js";
import { touchCosts } from "./ledger.js";

/** RunPod books every five minutes. */
const everyMs = 5 * 60_000;
const longestPauseMs = hourMs;
/** Bills come up to an hour late, and are revised for a while. */
const lateMs = 72 * hourMs;
/** All of the month, now and then: for what was revised later than that, and for a lab that was long down. */
const wholeMonthEveryMs = 24 * hourMs;

export interface Reconciler {
  /** Asks now and from now on, if there is anybody to ask. */
  start(): void;
  stop(): Promise<void>;
  /** Asks every provider once. */
  ask(): Promise<void>;
}

export interface ReconcilerParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly calendar: Calendar;
  /** Those that rent are asked. */
  readonly providers: readonly Provider[];
  readonly log: (line: string) => void;
}

/** Asks the providers for their bills and balances, every few minutes; more rarely one that does not answer. */
export function createReconciler({ store, clock, calendar, providers, log }: ReconcilerParts): Reconciler {
  const sources = providers
    .filter(({ rents }) => rents)
    .map((provider) => ({ provider, wholeMonthAt: -Infinity, failures: 0, dueAt: -Infinity }));
  type Source = (typeof sources)[number];
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> = Promise.resolve();
  let stopped = false;

  const askBill = async (source: Source) => {
    const now = clock.now();
    const isWhole = now - source.wholeMonthAt >= wholeMonthEveryMs;
    const late = hourOf(now - lateMs);
    const since = isWhole ? Math.min(late, hourOf(calendar.startOfMonth(now))) : late;
    await enterBill(store, source.provider.name, await source.provider.billing(since));
    if (isWhole) source.wholeMonthAt = now;
  };
  const askBalance = async ({ provider }: Source) => {
    const balance = await provider.balance().catch((error: unknown): Balance => {
      return { micros: null, spendMicrosPerHour: null, reason: toFailure(error).message };
    });
    await noteBalance(store, provider.name, balance);
  };
  /** A provider that fails keeps nobody else from being asked; what it told before stays. */
  const askSource = async (source: Source) => {
    const results = await Promise.allSettled([askBill(source), askBalance(source)]);
    const failed = results.find((result) => result.status === "rejected");
    source.failures = failed === undefined ? 0 : source.failures + 1;
    source.dueAt = clock.now() + Math.min(longestPauseMs, everyMs * 2 ** Math.max(0, source.failures - 1));
    // Said once, not at every try.
    if (failed !== undefined && source.failures === 1) {
      log(`bill of ${source.provider.name}: ${toFailure(failed.reason).message}`);
    }
  };
  const ask = async (due: readonly Source[] = sources) => {
    await Promise.all(due.map(askSource));
  };
  const tick = () => {
    working = ask(sources.filter(({ dueAt }) => clock.now() >= dueAt)).finally(() => {
      if (!stopped) timer = setTimeout(tick, everyMs);
    });
  };

  return {
    ask: () => ask(),
    start() {
      if (sources.length > 0) tick();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await working;
    },
  };
}

async function noteBalance(store: LabStore, provider: string, balance: Balance): Promise<void> {
  const { micros, spendMicrosPerHour, reason } = balance;
  await store.change(async (change) => {
    const row = await change.tx.selectFrom("balances").selectAll().where("provider", "=", provider).executeTakeFirst();
    // The lab's own pods come and go between two answers: only what is spent beside them is kept.
    const own = spendMicrosPerHour === null ? 0 : ownMicrosPerHour(await readPods(change.tx, { provider }));
    const beside = spendMicrosPerHour === null ? null : Math.max(0, spendMicrosPerHour - own);
    const isSame = row?.micros === micros && row.spend_micros_per_hour === beside && row.reason === reason;
    const values = { micros, spend_micros_per_hour: beside, reason, at: Math.round(change.at) };
    await change.tx
      .insertInto("balances")
      .values({ provider, ...values })
      .onConflict((conflict) => conflict.column("provider").doUpdateSet(values))
      .execute();
    if (!isSame) touchCosts(change, []);
  });
}
