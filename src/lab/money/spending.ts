import type { Calendar } from "../../core/calendar.js";
import type { Clock } from "../../core/clock.js";
import { hourMs } from "../../core/micro-usd.js";
import { removedTopic } from "../services/lab-removal.js";
import type { LabStore } from "../store/store.js";
import { hourOf } from "./charge.js";
import { type CostSums, createCostSums, createMerger, merge, type Segment } from "./cost-sums.js";

/** Bars of the charts. */
const shownHours = 24;
const daysBefore = 30;

/** What was spent until now. A day begins at midnight of the lab's time zone; an hour belongs to the day in which it starts. */
export interface Spent {
  readonly asOf: number;
  readonly monthStart: number;
  readonly monthEnd: number;
  readonly today: Segment;
  readonly month: Segment;
  /** By the start of the bar, oldest first; without those before anything was counted. */
  readonly hours: readonly (readonly [at: number, Segment])[];
  readonly days: readonly (readonly [at: number, Segment])[];
}

export interface Spending {
  /** What a lab pays (cost-sums.ts). Summed once for every change of the ledger, whoever asks: costs, pods, budget. */
  now(labId: string): Promise<Spent>;
  /** A month by its `2026-11`, or undefined where that is none. */
  month(labId: string, name: string): Promise<Segment | undefined>;
}

export interface SpendingParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly calendar: Calendar;
}

export function createSpending(parts: SpendingParts): Spending {
  const sums = createCostSums(parts.store);
  const labs = new Map<string, LabSpending>();
  let version = 0;
  parts.store.onChange((topics) => {
    if (topics.has("costs")) version++;
    if (topics.has(removedTopic)) labs.clear();
  });
  const of = (labId: string) => {
    const known = labs.get(labId) ?? createLabSpending(parts, { sums, labId, version: () => version });
    labs.set(labId, known);
    return known;
  };
  return { now: (labId) => of(labId).now(), month: (labId, name) => of(labId).month(name) };
}

interface LabSpending {
  now(): Promise<Spent>;
  month(name: string): Promise<Segment | undefined>;
}

interface LabSums {
  readonly sums: CostSums;
  readonly labId: string;
  /** Of the ledger. */
  readonly version: () => number;
}

function createLabSpending({ store, clock, calendar }: SpendingParts, { sums, labId, version }: LabSums): LabSpending {
  const mergeHours = createMerger();
  const mergeDays = createMerger();
  let last: { readonly key: string; readonly spent: Promise<Spent> } | undefined;

  const today = async (from: number, currentHour: number) => {
    const hours: Segment[] = [];
    // A half hour at midnight (India): the hour that began before belongs to yesterday.
    for (let hour = firstHourOf(from); hour <= currentHour; hour += hourMs)
      hours.push(await sums.segment(labId, hour, hour + hourMs));
    return merge([mergeHours(hours.slice(0, -1)), ...hours.slice(-1)]);
  };
  const days = async (from: number, to: number) => {
    const found: (readonly [number, Segment])[] = [];
    for (let day = from; day < to; ) {
      const next = calendar.startOfDay(day, 1);
      found.push([day, await sums.segment(labId, day, next)]);
      day = next;
    }
    return found;
  };

  const sumUp = async (): Promise<Spent> => {
    const asOf = clock.now();
    const currentHour = hourOf(asOf);
    const todayStart = calendar.startOfDay(asOf);
    const monthStart = calendar.startOfMonth(asOf);
    const past = await days(calendar.startOfDay(monthStart, -daysBefore), todayStart);
    const now = await today(todayStart, currentHour);
    const hours: (readonly [number, Segment])[] = [];
    for (let back = shownHours - 1; back >= 0; back--) {
      const at = currentHour - back * hourMs;
      hours.push([at, await sums.segment(labId, at, at + hourMs)]);
    }
    return {
      asOf,
      monthStart,
      monthEnd: calendar.startOfMonth(asOf, 1),
      today: now,
      month: merge([mergeDays(past.filter(([at]) => at >= monthStart).map(([, segment]) => segment)), now]),
      hours: withoutLeading(hours),
      days: withoutLeading([...past, [todayStart, now] as const]),
    };
  };

  return {
    now() {
      // What a change has written is its own until it is committed: inside it the sums are those from before.
      if (store.isChanging) return last?.spent ?? sumUp();
      const key = `${version()} ${hourOf(clock.now())} ${calendar.startOfDay(clock.now())}`;
      if (last?.key === key) return last.spent;
      const spent = sumUp();
      last = { key, spent };
      // A failed sum is not kept: whoever asks next tries again.
      spent.catch(() => (last = undefined));
      return spent;
    },
    async month(name) {
      const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
      if (year === undefined) return undefined;
      const middle = Date.UTC(Number(year), Number(month) - 1, 15);
      const past = await days(calendar.startOfMonth(middle), Math.min(calendar.startOfMonth(middle, 1), clock.now()));
      return merge(past.map(([, segment]) => segment));
    },
  };
}

const firstHourOf = (at: number) => Math.ceil(at / hourMs) * hourMs;

function withoutLeading(bars: readonly (readonly [number, Segment])[]): (readonly [number, Segment])[] {
  const first = bars.findIndex(([, { byPod }]) => byPod.size > 0);
  return first === -1 ? [] : bars.slice(first);
}
