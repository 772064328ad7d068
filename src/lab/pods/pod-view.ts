import type { Template } from "../../contract/lab.js";
import { type Gpu, notRented, type Pod, type PodProposal, PodStatus, type PodTrouble } from "../../contract/pod.js";
import type { LabSettings } from "../../contract/settings.js";
import { visibleLabs } from "../access/asking.js";
import { slotsByPod } from "../scheduler/slots.js";
import type { SettingsService } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import { type Idle, wastedUsd } from "../telemetry/idle.js";
import type { Telemetry } from "../telemetry/sampler.js";
import type { PodTelemetry } from "../telemetry/samples.js";
import type { Acts } from "./acts.js";
import { isOwn } from "./find-pod.js";
import type { Fleet } from "./fleet.js";
import { isShared } from "./own-machines.js";
import { type PodRow, readTrouble } from "./pod-row.js";
import { type PodSpec, readSpec } from "./pod-spec.js";
import type { PodHosts } from "./ports.js";
import { autoStopAt } from "./watchdog.js";
import { rulesOf } from "./watchdog-loop.js";

/** What a pod has cost so far; null is unknown. */
export interface PodCost {
  readonly todayUsd: number | null;
  readonly monthUsd: number | null;
  readonly estimated: boolean;
}

export interface ViewParts {
  readonly store: LabStore;
  readonly templates: readonly Template[];
  readonly settings: Pick<SettingsService, "get">;
  /** Of this machine. */
  readonly local: Telemetry;
  readonly telemetry: Pick<PodTelemetry, "idle" | "newest">;
  readonly hosts: PodHosts;
  readonly fleet: Fleet;
  readonly acts: Pick<Acts, "underWay">;
  readonly costs: (labId: string, podIds: readonly string[]) => Promise<ReadonlyMap<string, PodCost>>;
  readonly proposalFor: (podId: string) => PodProposal | null;
}

/**
 * Rows as the contract has them: some queries for all of them together, however many there are. `labId` is whose experiments and costs
 * are shown on them; null: those of all labs, and no costs, for the lab itself.
 */
export async function viewPods(parts: ViewParts, labId: string | null, rows: readonly PodRow[]): Promise<Pod[]> {
  const ids = rows.map(({ id }) => id);
  const shared = {
    labId,
    used: await slotsByPod(parts.store, parts.templates),
    running: labId === null ? null : await runningByPod(parts.store, labId),
    unsynced: await unsyncedByPod(parts.store, labId),
    costs: labId === null ? new Map<string, PodCost>() : await parts.costs(labId, ids),
  };
  const rules = await rulesOf(rows, parts.settings);
  return rules.map(([row, settings]) => viewOf(parts, row, { ...shared, settings }));
}

/** The lab as which a caller looks at a pod that it named: its own, or the caller's first on a machine that serves every lab. */
export const labOf = (row: PodRow): string => (isOwn(row) ? row.lab_id : (visibleLabs()?.[0] ?? row.lab_id));

interface Shared {
  readonly labId: string | null;
  readonly used: Awaited<ReturnType<typeof slotsByPod>>;
  /** Display ids of the lab's own. null: `used` has those of all. */
  readonly running: ReadonlyMap<string, readonly string[]> | null;
  readonly unsynced: ReadonlyMap<string, readonly string[]>;
  readonly costs: ReadonlyMap<string, PodCost>;
  readonly settings: LabSettings;
}

function viewOf(parts: ViewParts, row: PodRow, shared: Shared): Pod {
  const isHere = row.id === parts.local.podId;
  const spec = readSpec(row.spec);
  const used = shared.used.get(row.id) ?? { slots: 0, displayIds: [] };
  const idle = parts.telemetry.idle(row.id, youngUntil(row, spec, shared.settings, isHere));
  const experiments = [...(shared.running === null ? used.displayIds : (shared.running.get(row.id) ?? []))];
  const last = row.status === "running" ? parts.telemetry.newest(row.id) : null;
  return {
    ...notRented,
    ...idle,
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    provider: row.provider,
    name: row.name,
    gpuType: row.gpu_type,
    gpuCount: row.gpu_count,
    status: PodStatus.parse(row.status),
    statusReason: row.status_reason,
    acceptsWork: row.accepts_work === 1 && parts.acts.underWay(row.id) === undefined,
    slots: row.slots,
    slotsUsed: used.slots,
    gpus: isHere ? [...parts.local.gpus()] : gpusOf(row, last),
    costPerHourUsd: row.cost_per_hour_usd,
    ...costOf(shared.costs.get(row.id)),
    experiments,
    last,
    startedAt: row.started_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(isHere ? {} : rentedOf(parts, row, { spec, idle, experiments: used.displayIds, shared })),
    ...(isShared(row) ? sharedOf(row, shared.labId) : {}),
  };
}

/** Whoever only sends experiments to a machine need not know whose it is, nor how to log in. */
function sharedOf(row: PodRow, labId: string | null): Partial<Pod> {
  if (isOwn(row) || labId === null) return { shared: true };
  return { shared: true, labId, ssh: null, sshReason: "its own lab alone logs in there", env: {} };
}

const costOf = (cost: PodCost = { todayUsd: null, monthUsd: null, estimated: false }) => ({
  costTodayUsd: cost.todayUsd,
  costMonthUsd: cost.monthUsd,
  costEstimated: cost.estimated,
});

/** A pod that has just come up is being set up: no work there is no idleness yet. */
function youngUntil(row: PodRow, spec: PodSpec, settings: LabSettings, isHere: boolean): number | null {
  if (isHere || spec.statusSince === null || row.status !== "running") return null;
  return spec.statusSince + settings.idleAlertMinutes * 60_000;
}

const hoursPerMonth = 730;

function rentedOf(
  parts: ViewParts,
  row: PodRow,
  { spec, idle, experiments, shared }: { spec: PodSpec; idle: Idle; experiments: readonly string[]; shared: Shared },
): Partial<Pod> {
  const stopped = row.stopped_micros_per_hour;
  return {
    providerId: row.provider_id,
    providerStatus: row.provider_status,
    trouble: troubleOf(parts, row),
    actions: spec.actions,
    region: spec.region,
    cloud: spec.cloud,
    image: spec.image,
    diskGb: spec.diskGb,
    volumeGb: spec.volumeGb,
    stoppedCostPerMonthUsd: stopped === null ? null : (stopped * hoursPerMonth) / 1e6,
    runningCostPerHourUsd: spec.runningCostPerHourUsd,
    locked: row.locked === 1,
    createdByLab: row.created_by_lab === 1,
    ssh: spec.ssh,
    sshReason: spec.sshReason,
    ports: spec.ports,
    env: spec.env,
    wastedUsd: wastedUsd(row.cost_per_hour_usd, idle),
    autoStopAt: autoStopAt({ row, experiments, idleSince: idle.idleSince }, shared.settings),
    maxHoursAt: row.max_hours_at,
    maxHoursAction: row.max_hours_action,
    proposal: parts.proposalFor(row.id),
    unsynced: row.status === "terminated" ? [] : [...(shared.unsynced.get(row.id) ?? [])],
    lastSystemLine: parts.fleet.lastSystemLine(row.id),
  };
}

/** The pod's own first, then its link, then that of its provider. */
function troubleOf({ fleet, hosts }: ViewParts, row: PodRow): PodTrouble | null {
  if (row.status === "terminated") return null;
  const own = readTrouble(row.trouble) ?? (row.status === "running" ? hosts.troubleOf(row.id) : null);
  if (own !== null) return own;
  const provider = fleet.state(row.provider);
  if (provider === undefined) {
    return { code: "providerDown", message: `${row.provider} is not configured any more: nothing new is known of it` };
  }
  if (provider.state !== "down") return null;
  return { code: "providerDown", message: `${provider.reason ?? ""}; what is shown is of before` };
}

/** As many as it has, in the order its provider tells of them; no provider tells which is which. */
function gpusOf(row: PodRow, last: Pod["last"]): Gpu[] {
  if (row.gpu_type === "CPU") return [];
  return Array.from({ length: row.gpu_count }, (_, index) => ({
    uuid: `${row.id}:${index}`,
    index,
    name: row.gpu_type,
    utilPercent: last?.gpus[index]?.utilPercent ?? null,
    memoryUsedMiB: null,
    memoryTotalMiB: null,
    temperatureC: last?.gpus[index]?.temperatureC ?? null,
    powerW: last?.gpus[index]?.powerW ?? null,
  }));
}

/** Display ids of a lab's experiments that run, by pod. */
async function runningByPod({ db }: LabStore, labId: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom("experiments")
    .select(["pod_id", "display_id"])
    .where("lab_id", "=", labId)
    .where("status", "=", "running")
    .orderBy("n")
    .execute();
  const byPod = new Map<string, string[]>();
  for (const { pod_id: podId, display_id: displayId } of rows) {
    if (podId !== null) byPod.set(podId, [...(byPod.get(podId) ?? []), displayId]);
  }
  return byPod;
}

/** Display ids of experiments whose run on a pod ended there and whose outputs are not all home. */
async function unsyncedByPod({ db }: LabStore, labId: string | null): Promise<ReadonlyMap<string, readonly string[]>> {
  const query = db
    .selectFrom("runs")
    .innerJoin("experiments", "experiments.id", "runs.experiment_id")
    .select(["runs.pod_id", "experiments.display_id"])
    .where("runs.remote_dir", "is not", null)
    .where("runs.outputs_home_at", "is", null)
    .where("runs.state", "=", "ended")
    .orderBy("experiments.n");
  const rows = await (labId === null ? query : query.where("experiments.lab_id", "=", labId)).execute();
  const byPod = new Map<string, string[]>();
  for (const { pod_id: podId, display_id: displayId } of rows) {
    if (podId === null) continue;
    const ids = byPod.get(podId) ?? [];
    if (!ids.includes(displayId)) ids.push(displayId);
    byPod.set(podId, ids);
  }
  return byPod;
}
