import { sql } from "kysely";
import { createCalendar } from "../../../src/core/calendar.js";
import { createBudget } from "../../../src/lab/money/budget.js";
import type { PodSeen } from "../../../src/lab/money/meter.js";
import { createMoney } from "../../../src/lab/money/money.js";
import { createReconciler } from "../../../src/lab/money/reconcile.js";
import type { Provider } from "../../../src/lab/pods/provider.js";
import { createSettings } from "../../../src/lab/services/settings.js";
import { offsetOf } from "../../core/time-zone.js";
import { openLab, templates } from "../services/lab-fixture.js";

export const midnight = Date.UTC(2026, 10, 22);
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** A lab with a ledger whose pods the test looks at, in a time zone of its own. */
export async function openLedger({ zone = "UTC", providers = [] as readonly Provider[] } = {}) {
  const lab = await openLab();
  lab.clock.at = midnight;
  const { store, labId, clock } = lab;
  const settings = createSettings(store);
  const calendar = createCalendar(offsetOf(zone));
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const parts = { store, clock, calendar, settings, providers, log };
  const money = createMoney({ ...parts, templates });
  const { ledger, spending, costs } = money;
  const reconciler = createReconciler(parts);
  const budget = createBudget({ ...parts, spending });

  const addPod = (id: string, more: Readonly<Record<string, unknown>> = {}) =>
    store.change(({ tx, at }) =>
      tx
        .insertInto("pods")
        .values({
          id,
          lab_id: labId,
          provider: "runpod",
          name: id,
          gpu_type: "H200",
          gpu_count: 1,
          status: "running",
          status_reason: null,
          accepts_work: 1,
          slots: 1,
          cost_per_hour_usd: 3.59,
          started_at: null,
          created_at: at,
          updated_at: at,
          provider_id: `rp-${id}`,
          ...more,
        })
        .execute(),
    );
  /** A look at pods at a moment. */
  const look = (atMs: number, ...seen: readonly (Partial<PodSeen> & { podId: string })[]) => {
    lab.clock.at = atMs;
    return store.change((change) =>
      ledger.accrue(
        change,
        seen.map((pod) => ({
          status: "running",
          costMicrosPerHour: 3_590_000,
          stoppedMicrosPerHour: 27_397,
          idle: false,
          slots: 1,
          gpuCount: 1,
          ...pod,
        })),
      ),
    );
  };
  const hours = (podId: string) =>
    store.db.selectFrom("pod_costs").selectAll().where("pod_id", "=", podId).orderBy("hour_at").execute();
  const total = async (podId: string) => {
    const row = await sql<{ gpu: number; disk: number; idle: number; unknown: number }>`
      select sum(gpu_micros) as gpu, sum(disk_micros) as disk, sum(idle_micros) as idle, sum(unknown_ms) as unknown
      from pod_costs where pod_id = ${podId}`.execute(store.db);
    return row.rows[0];
  };
  /** A run of an experiment as the runs write it. */
  const addRun = async (podId: string, fromMs: number, toMs: number | null, config: object = { command: "true" }) => {
    const { _id } = await lab.create({ config: { ...config } });
    await store.change(async ({ tx }) => {
      await tx
        .insertInto("runs")
        .values({
          experiment_id: _id,
          attempt: 1,
          dir: "",
          state: toMs === null ? "running" : "ended",
          off: 0,
          seq: 0,
          started_at: fromMs,
          ended_at: toMs,
          exit_code: null,
          reason: null,
          stop_requested_at: null,
          reader: null,
          pod_id: podId,
        })
        .execute();
    });
    return _id;
  };
  const summary = () => costs.summary(labId);
  return {
    ...lab,
    settings,
    calendar,
    logged,
    money,
    ledger,
    spending,
    costs,
    summary,
    reconciler,
    budget,
    addPod,
    look,
    hours,
    total,
    addRun,
  };
}
