import type { Costs } from "../../contract/cost.js";
import type { Pod } from "../../contract/pod.js";
import type { Balance, BilledHour } from "../../contract/provider.js";
import { usdOf } from "../../core/micro-usd.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Bills come late by about an hour: so many hours are counted by ourselves where the bill says less. */
const lateHours = 2;

export interface Bill {
  /** Hour buckets of the last 48 hours. */
  readonly hours: readonly BilledHour[];
  /** Day buckets of this month and of the 30 days before now, UTC as RunPod has them. */
  readonly days: readonly BilledHour[];
  readonly balance: Balance;
}

/** A pod's part in the costs. */
export type BillablePod = Pick<
  Pod,
  "id" | "name" | "status" | "costPerHourUsd" | "stoppedCostPerMonthUsd" | "startedAt"
>;

export interface CostMoment {
  readonly now: number;
  /** ms; when today began where the person sits. */
  readonly todayAt: number;
}

/** What the account costs: RunPod's bill, and what runs now for the hours that are not billed yet. Months are UTC, as billed. */
export function accountCosts(bill: Bill, pods: readonly BillablePod[], { now, todayAt }: CostMoment): Costs {
  const month = new Date(now).toISOString().slice(0, 7);
  const monthAt = Date.parse(`${month}-01T00:00:00Z`);
  const monthEnd = Date.UTC(new Date(monthAt).getUTCFullYear(), new Date(monthAt).getUTCMonth() + 1, 1);
  const unbilled = unbilledOf(bill.hours, pods, now);
  const ofMonth = bill.days.filter(({ hourAt }) => hourAt >= monthAt);
  const lateSince = (from: number) => sum(unbilled.filter(({ hourAt }) => hourAt >= from).map((one) => one.micros));
  const late = lateSince(monthAt);
  const total = micros(ofMonth) + late;
  const { running, burnUsd, diskUsd } = burnOf(pods);
  const burnMicros = (burnUsd + diskUsd) * 1e6;
  return {
    asOf: now,
    summary: {
      month,
      gpuUsd: usdOf(sum(ofMonth.map(({ gpuMicros }) => gpuMicros)) + late),
      llmUsd: null,
      storageUsd: usdOf(sum(ofMonth.map(({ diskMicros }) => diskMicros))),
      totalUsd: usdOf(total),
      gpuHours: null,
      budgetUsd: null,
      liveRunning: {
        podCount: running.length,
        hourlyUsd: burnUsd,
        costUsd: sum(running.map((pod) => sinceStart(pod, now))),
      },
    },
    todayUsd: usdOf(micros(bill.hours.filter(({ hourAt }) => hourAt >= todayAt)) + lateSince(todayAt)),
    idleTodayUsd: null,
    idleMonthUsd: null,
    stoppedDiskHourlyUsd: diskUsd,
    projectedMonthUsd: usdOf(Math.round(total + (burnMicros * (monthEnd - now)) / hourMs)),
    estimated: late > 0 || bill.hours.some(({ open }) => open),
    billedUntil: billedUntil(bill.hours),
    budget: { state: "none", monthlyUsd: null, warnUsd: null, hardLimitUsd: null, queuePaused: null },
    balance: balanceOf(bill.balance, burnUsd + diskUsd),
    pods: podRows(bill, pods, { unbilled, monthAt, todayAt }),
    experiments: [],
    queues: [],
    hours: points(bill.hours, unbilled, { from: Math.floor(now / hourMs) * hourMs - 23 * hourMs, stepMs: hourMs, now }),
    days: points(bill.days, unbilled, { from: Math.floor(now / dayMs) * dayMs - 30 * dayMs, stepMs: dayMs, now }),
  };
}

/** The end of the last hour whose bill is written. */
function billedUntil(hours: readonly BilledHour[]): number | null {
  const closed = hours.filter(({ open }) => !open);
  return closed.reduce<number | null>((until, { hourAt }) => Math.max(until ?? 0, hourAt + hourMs), null);
}

interface Unbilled {
  readonly podId: string;
  readonly hourAt: number;
  readonly micros: number;
}

/** For each pod that runs, what the last hours cost by its price beyond what is billed of them. */
function unbilledOf(hours: readonly BilledHour[], pods: readonly BillablePod[], now: number): readonly Unbilled[] {
  const thisHour = Math.floor(now / hourMs) * hourMs;
  const late = Array.from({ length: lateHours }, (_, back) => thisHour - back * hourMs);
  const byPod = grouped(hours);
  return pods.flatMap((pod) => {
    const { costPerHourUsd: price, startedAt } = pod;
    if (pod.status !== "running" || price === null || startedAt === null) return [];
    return late.flatMap((hourAt) => {
      const ranMs = Math.max(0, Math.min(now, hourAt + hourMs) - Math.max(hourAt, startedAt));
      const billed = micros((byPod.get(pod.id) ?? []).filter((hour) => hour.hourAt === hourAt));
      const rest = Math.round((price * 1e6 * ranMs) / hourMs) - billed;
      return rest > 0 ? [{ podId: pod.id, hourAt, micros: rest }] : [];
    });
  });
}

function podRows(
  bill: Bill,
  pods: readonly BillablePod[],
  at: { readonly unbilled: readonly Unbilled[]; readonly monthAt: number; readonly todayAt: number },
): Costs["pods"] {
  const names = new Map(pods.map(({ id, name }) => [id, name]));
  const daysOf = grouped(bill.days.filter(({ hourAt }) => hourAt >= at.monthAt));
  const hoursOf = grouped(bill.hours.filter(({ hourAt }) => hourAt >= at.todayAt));
  return [...new Set([...names.keys(), ...daysOf.keys()])].map((id) => {
    const days = daysOf.get(id) ?? [];
    const hours = hoursOf.get(id) ?? [];
    const own = at.unbilled.filter(({ podId }) => podId === id);
    const lateSince = (from: number) => sum(own.filter(({ hourAt }) => hourAt >= from).map((one) => one.micros));
    return {
      id,
      // Terminated ones are on the bill by their id only.
      name: names.get(id) ?? id,
      todayUsd: usdOf(micros(hours) + lateSince(at.todayAt)),
      monthUsd: usdOf(micros(days) + lateSince(at.monthAt)),
      gpuHours: null,
      idleUsd: null,
      diskUsd: usdOf(sum(days.map(({ diskMicros }) => diskMicros))),
      estimated: own.length > 0 || hours.some(({ open }) => open),
    };
  });
}

function points(
  billed: readonly BilledHour[],
  unbilled: readonly Unbilled[],
  { from, stepMs, now }: { readonly from: number; readonly stepMs: number; readonly now: number },
): Costs["hours"] {
  const count = Math.floor((now - from) / stepMs) + 1;
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * stepMs;
    const within = ({ hourAt }: { hourAt: number }) => hourAt >= at && hourAt < at + stepMs;
    const own = billed.filter(within);
    const late = sum(unbilled.filter(within).map((one) => one.micros));
    const estimated = late > 0 || own.some(({ open }) => open);
    return { at, usd: (micros(own) + late) / 1e6, idleUsd: 0, estimated };
  });
}

function burnOf(pods: readonly BillablePod[]) {
  const running = pods.filter(({ status }) => status === "running" || status === "creating");
  const stopped = pods.filter(({ status }) => status === "stopped");
  return {
    running,
    burnUsd: sum(running.map(({ costPerHourUsd }) => costPerHourUsd ?? 0)),
    diskUsd: sum(stopped.map(({ stoppedCostPerMonthUsd }) => (stoppedCostPerMonthUsd ?? 0) / 730)),
  };
}

/** What an account spends beside these pods: they come and go until it is asked again. */
export function spendBeside({ spendMicrosPerHour: all }: Balance, pods: readonly BillablePod[]): number | null {
  const { burnUsd, diskUsd } = burnOf(pods);
  return all === null ? null : Math.max(0, all - Math.round((burnUsd + diskUsd) * 1e6));
}

function balanceOf({ micros: left, spendMicrosPerHour: beside, reason }: Balance, ownUsd: number): Costs["balance"] {
  const spendUsd = ownUsd + (beside ?? 0) / 1e6;
  const runwayHours = left === null || spendUsd <= 0 ? null : left / 1e6 / spendUsd;
  return { usd: usdOf(left), runwayHours, reason };
}

const sinceStart = ({ costPerHourUsd, startedAt }: BillablePod, now: number) =>
  startedAt === null ? 0 : ((costPerHourUsd ?? 0) * Math.max(0, now - startedAt)) / hourMs;

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const micros = (billed: readonly BilledHour[]) => sum(billed.map((one) => one.micros));

function grouped(billed: readonly BilledHour[]): ReadonlyMap<string, readonly BilledHour[]> {
  const groups = new Map<string, BilledHour[]>();
  for (const one of billed) {
    const group = groups.get(one.providerId);
    if (group === undefined) groups.set(one.providerId, [one]);
    else group.push(one);
  }
  return groups;
}
