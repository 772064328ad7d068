import { type CostPoint, type CostRow, type Costs, PodCosts } from "../../contract/cost.js";
import type { Template } from "../../contract/lab.js";
import type { LabSettings } from "../../contract/settings.js";
import type { Calendar } from "../../core/calendar.js";
import { hourMs, microsOf, usdOf } from "../../core/micro-usd.js";
import { mayAlso, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { readRunway } from "../money/balance.js";
import { type Budget, budgetState } from "../money/budget.js";
import { type Burn, burnOf, type PricedPod, readPods } from "../money/burn.js";
import { hourOf } from "../money/charge.js";
import { knows, type Segment, type Sums, totalMicros } from "../money/cost-sums.js";
import { createExperimentMonth, readExperimentCosts } from "../money/experiment-costs.js";
import { pricedFor, readGuestParts } from "../money/guests.js";
import { createQueueCosts } from "../money/queue-costs.js";
import type { Spending, Spent } from "../money/spending.js";
import type { LabStore } from "../store/store.js";
import { homeLabOf } from "./lab-rows.js";
import type { CostsService, SettingsService } from "./service.js";

export interface CostsParts {
  readonly store: LabStore;
  readonly spending: Spending;
  readonly calendar: Calendar;
  readonly settings: SettingsService;
  readonly budget: Pick<Budget, "paused">;
  readonly templates: readonly Template[];
}

/** What the lab costs. Amounts are null where nothing is known, and `estimated` while a bill is still to come. */
export function createCosts(parts: CostsParts): CostsService {
  const { store, spending, calendar } = parts;
  const byWhat = { experiments: createExperimentMonth(store), queues: createQueueCosts(store, calendar) };
  return {
    summary: (labId) => summary(parts, byWhat, labId),

    async pods(labId, month) {
      noteRead("costs");
      const spent = await spending.now(labId);
      const name = month ?? calendar.monthOf(spent.asOf);
      const isCurrent = name === calendar.monthOf(spent.asOf);
      const segment = isCurrent ? spent.month : await spending.month(labId, name);
      if (segment === undefined)
        throw new LabError("validation_error", `month: ${name} is none; write 2026-11 or current`);
      const rows = podRows(labId, await readPods(store.db, { labId }), segment, isCurrent ? spent.today : null);
      return PodCosts.parse({ month: name, ...amountOf(segment, spent), gpuHours: gpuHoursOf(rows), pods: rows });
    },

    experiments(labId, ref) {
      noteRead("costs");
      return readExperimentCosts(store, labId, ref);
    },
  };
}

interface ByWhat {
  readonly experiments: ReturnType<typeof createExperimentMonth>;
  readonly queues: ReturnType<typeof createQueueCosts>;
}

async function summary(
  { store, spending, calendar, settings, budget, templates }: CostsParts,
  byWhat: ByWhat,
  labId: string,
): Promise<Costs> {
  noteRead("costs");
  const spent = await spending.now(labId);
  const { asOf, monthStart, month, today } = spent;
  const limits = await settings.get(labId);
  const priced = await readPods(store.db, { labId });
  const burn = burnOf(pricedFor(labId, priced, await readGuestParts(store, templates)), asOf);
  const pods = podRows(labId, priced, month, today);
  const total = amountOf(month, spent);
  const day = amountOf(today, spent);
  const span = { monthStart, todayStart: calendar.startOfDay(asOf), currentHour: hourOf(asOf) };
  return {
    asOf,
    summary: {
      month: calendar.monthOf(asOf),
      gpuUsd: total.totalUsd === null ? null : usdOf(month.total.gpuMicros),
      // No language model is paid for through this lab.
      llmUsd: null,
      storageUsd: total.totalUsd === null ? null : usdOf(month.total.diskMicros),
      totalUsd: total.totalUsd,
      gpuHours: gpuHoursOf(pods),
      budgetUsd: limits.budgetMonthlyUsd,
      liveRunning: {
        podCount: burn.podCount,
        hourlyUsd: usdOf(burn.microsPerHour),
        costUsd: usdOf(burn.sinceStartMicros),
      },
    },
    todayUsd: day.totalUsd,
    idleTodayUsd: day.totalUsd === null ? null : usdOf(today.total.idleMicros),
    idleMonthUsd: total.totalUsd === null ? null : usdOf(month.total.idleMicros),
    stoppedDiskHourlyUsd: usdOf(burn.stoppedMicrosPerHour),
    projectedMonthUsd: usdOf(projection(spent, burn)),
    estimated: total.estimated,
    billedUntil: billedUntil(month.total),
    budget: budgetOf(spent, limits, await budget.paused(labId)),
    balance: await balanceFor(store),
    pods,
    experiments: await byWhat.experiments(labId, span),
    queues: await byWhat.queues(labId, spent),
    hours: spent.hours.map(toPoint),
    days: spent.days.map(toPoint),
  };
}

/** All labs rent on the server's accounts: what is left there, and what everybody spends, is told to those who see the home lab's costs. */
async function balanceFor(store: LabStore): Promise<Costs["balance"]> {
  if (mayAlso(await homeLabOf(store.db), "labs:read")) return readRunway(store);
  return { usd: null, runwayHours: null, reason: "the account is the server's" };
}

/** A lab in which nothing was ever counted knows no amount; one whose pods all stand still knows that it is nothing. */
function amountOf({ byPod, total }: Segment, { days }: Spent): { totalUsd: number | null; estimated: boolean } {
  const isKnown = (byPod.size > 0 || days.length > 0) && knows(total);
  return {
    totalUsd: isKnown ? usdOf(totalMicros(total)) : null,
    estimated: total.unbilledHours > 0,
  };
}

/** Up to where every hour that will be billed is; null while no bill has come. */
function billedUntil({ lastBilled, unbilledFrom }: Sums): number | null {
  return lastBilled === null ? null : Math.min(unbilledFrom ?? Infinity, lastBilled + hourMs);
}

/** Month to date, and what goes out now until the month ends. */
function projection({ asOf, monthEnd, month }: Spent, burn: Burn): number | null {
  if (burn.microsPerHour === null && burn.stoppedMicrosPerHour === null) return null;
  const perHour = (burn.microsPerHour ?? 0) + (burn.stoppedMicrosPerHour ?? 0);
  return totalMicros(month.total) + Math.round((perHour * (monthEnd - asOf)) / hourMs);
}

function budgetOf({ month }: Spent, limits: LabSettings, queuePaused: string | null): Costs["budget"] {
  const { budgetMonthlyUsd, budgetWarnPercent, budgetHardLimitUsd } = limits;
  const monthly = microsOf(budgetMonthlyUsd);
  return {
    state: budgetState(totalMicros(month.total), limits),
    monthlyUsd: budgetMonthlyUsd,
    warnUsd: monthly === null ? null : usdOf(Math.round((monthly * budgetWarnPercent) / 100)),
    hardLimitUsd: budgetHardLimitUsd,
    queuePaused,
  };
}

/** Every pod that cost something or could now; those that were billed and never seen stand under the provider's id. */
function podRows(labId: string, pods: readonly PricedPod[], month: Segment, today: Segment | null): CostRow[] {
  const byId = new Map(pods.map((pod) => [pod.id, pod]));
  const present = pods
    .filter((pod) => pod.labId === labId && pod.status !== "terminated" && !month.byPod.has(pod.id))
    .map(({ id }) => id);
  const rows = [...month.byPod.keys(), ...present].map((id) => {
    const pod = byId.get(id);
    const sums = month.byPod.get(id);
    const day = today?.byPod.get(id);
    const amount = (of: Sums | undefined, micros: (sums: Sums) => number) =>
      of === undefined || !knows(of) ? null : usdOf(micros(of));
    return {
      id,
      name: pod?.name ?? id,
      // What did not cost today although its price is known cost nothing.
      todayUsd: amount(day, totalMicros) ?? (today !== null && day === undefined && sums !== undefined ? 0 : null),
      monthUsd: amount(sums, totalMicros),
      gpuHours: sums === undefined || pod === undefined ? null : (sums.runningMs * pod.gpuCount) / hourMs,
      idleUsd: amount(sums, (known) => known.idleMicros),
      diskUsd: amount(sums, (known) => known.diskMicros),
      estimated: (sums?.unbilledHours ?? 0) > 0,
    };
  });
  return rows.sort((a, b) => (b.monthUsd ?? -1) - (a.monthUsd ?? -1));
}

function gpuHoursOf(rows: readonly CostRow[]): number | null {
  const known = rows.map(({ gpuHours }) => gpuHours).filter((hours) => hours !== null);
  return known.length === 0 ? null : known.reduce((sum, hours) => sum + hours, 0);
}

function toPoint([at, { total }]: readonly [number, Segment]): CostPoint {
  return {
    at,
    usd: totalMicros(total) / 1e6,
    idleUsd: total.idleMicros / 1e6,
    estimated: total.unbilledHours > 0,
  };
}
