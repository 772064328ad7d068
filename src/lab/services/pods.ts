import { type Pod, PodPatch } from "../../contract/pod.js";
import type { ProviderState } from "../../contract/provider.js";
import type { Clock } from "../../core/clock.js";
import { noteRead, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { Acts } from "../pods/acts.js";
import { type CreationParts, createPodCreation } from "../pods/creation.js";
import { deployOn } from "../pods/deploy.js";
import { isRented, needOwnPod, needPod, needRented } from "../pods/find-pod.js";
import { isShared, ownProviders } from "../pods/own-machines.js";
import { followPodLog } from "../pods/pod-log.js";
import { drainedWords, type PodRow } from "../pods/pod-row.js";
import { labOf, type ViewParts, viewPods } from "../pods/pod-view.js";
import type { PodRuns } from "../pods/ports.js";
import { refusalOf } from "../pods/provider-error.js";
import { createStock } from "../pods/stock.js";
import { parseOrRefuse } from "../refusal.js";
import type { PodTelemetry } from "../telemetry/samples.js";
import type { PodsService } from "./service.js";

export interface PodsParts extends ViewParts, CreationParts {
  readonly clock: Clock;
  readonly acts: Acts;
  readonly runs: PodRuns;
  /** Of all pods. */
  readonly telemetry: PodTelemetry;
}

const accepted = { accepts_work: 1, status_reason: null };
const drained = { accepts_work: 0, status_reason: drainedWords };

/** Where experiments run: this machine, hosts of one's own, rented pods. For what is not rented start and stop mean that it accepts work or drains. */
export function createPods(parts: PodsParts): PodsService {
  const { store, fleet, acts, runs } = parts;
  const create = createPodCreation(parts);
  const stock = createStock(fleet, parts.clock);

  const view = async (row: PodRow): Promise<Pod> => {
    const [pod] = await viewPods(parts, labOf(row), [row]);
    if (pod === undefined) throw new LabError("not_found", `Pod ${row.name} does not exist.`);
    return pod;
  };
  const get = async (ref: string) => view(await needPod(store, ref));

  const accept = (row: PodRow, accepts: boolean) => acceptWork(parts, row, accepts);

  return {
    async list(labId, { unwatched = false } = {}) {
      if (!unwatched) fleet.watched();
      noteRead("pods");
      const query = store.db.selectFrom("pods").selectAll().orderBy("created_at").orderBy("id");
      const rows = await (labId === null
        ? query
        : query.where((is) => is.or([is("lab_id", "=", labId), is("provider", "in", ownProviders)]))
      ).execute();
      return viewPods(parts, labId, rows);
    },
    get,
    async create(draft, options = {}) {
      return get(await create(draft, options.requestKey));
    },
    async patch(ref, changes) {
      await patchPod(parts, await needOwnPod(store, ref), parseOrRefuse(PodPatch, changes));
      return get(ref);
    },
    async start(ref) {
      const row = await needOwnPod(store, ref);
      if (!isRented(fleet, row) || row.status === "running") await accept(row, true);
      else await acts.start(row);
      return get(row.id);
    },
    async stop(ref, options) {
      const row = await needOwnPod(store, ref);
      await (isRented(fleet, row) ? acts.stop(row, options) : accept(row, false));
      return get(row.id);
    },
    async restart(ref) {
      const row = await needRented(store, fleet, ref, "restarted");
      await acts.restart(row);
      return get(row.id);
    },
    async terminate(ref, options) {
      const row = await needRented(store, fleet, ref, "terminated");
      await acts.terminate(row, options);
      return get(row.id);
    },
    async deploy(ref, experimentRef) {
      const row = await needPod(store, ref);
      await deployOn(store, row, experimentRef);
      return get(row.id);
    },
    async fetchOutputs(ref) {
      const row = await needOwnPod(store, ref);
      if (row.status === "terminated")
        throw new LabError("conflict", `${row.name} is terminated: nothing is left there`);
      const { left, reason } = await runs.fetchOutputs(row.id);
      if (left.length > 0) {
        const why = reason === null ? "" : `: ${reason}`;
        // On a machine that serves every lab some may be another lab's.
        const what = isShared(row) && visibleLabs() !== null ? `${left.length} experiments` : left.join(", ");
        throw new LabError("conflict", `${row.name}: outputs of ${what} could not be fetched${why}`);
      }
      return get(row.id);
    },
    stock,
    providers: () => Promise.resolve(providerStates(parts)),
    followLog: (ref, options) => followPodLog(parts, ref, options),
    ...telemetryOf(parts),
  };
}

/** Samples of what a lab sees: its own pods, and the machines that serve every lab. */
function telemetryOf({ store, fleet, telemetry }: PodsParts): Pick<PodsService, "latest" | "telemetry"> {
  return {
    latest(labId) {
      fleet.watched();
      noteRead("telemetry");
      return Promise.resolve(telemetry.latest(labId));
    },
    async telemetry(labId, sinceMs, options = {}) {
      noteRead("telemetry");
      const { podId, ...more } = options;
      if (podId === undefined) return telemetry.window(labId, sinceMs, more);
      const row = await needPod(store, podId);
      if (row.lab_id !== labId && !isShared(row)) throw new LabError("not_found", `Pod ${podId} does not exist.`);
      return telemetry.window(labId, sinceMs, { ...more, podId: row.id });
    },
  };
}

/** A rented pod that takes no work says nothing of it: its reason is its provider's. */
function acceptWork({ store, fleet }: PodsParts, row: PodRow, accepts: boolean): Promise<void> {
  return store.change(async ({ tx, at, event }) => {
    if (row.accepts_work === (accepts ? 1 : 0)) return;
    const values = accepts ? accepted : drained;
    const set = isRented(fleet, row) ? { accepts_work: values.accepts_work } : values;
    await tx
      .updateTable("pods")
      .set({ ...set, updated_at: at })
      .where("id", "=", row.id)
      .execute();
    event(accepts ? "pod.running" : "pod.stopped", row.id, { labId: row.lab_id, name: row.name, acceptsWork: accepts });
  });
}

async function patchPod(parts: PodsParts, row: PodRow, changes: PodPatch): Promise<void> {
  const { name, locked, postponeAutoStopUntil, autoStop } = changes;
  if (name !== undefined || locked !== undefined) await patchAtProvider(parts, row, { name, locked });
  const own = {
    ...(postponeAutoStopUntil === undefined ? {} : { postponed_until: postponeAutoStopUntil }),
    ...(autoStop === undefined ? {} : { auto_stop: autoStop === null ? null : Number(autoStop) }),
  };
  if (Object.keys(own).length === 0) return;
  await parts.store.change(async ({ tx, at, event }) => {
    await tx
      .updateTable("pods")
      .set({ ...own, updated_at: at })
      .where("id", "=", row.id)
      .execute();
    event("pod.updated", row.id, { labId: row.lab_id, name: row.name, postponeAutoStopUntil, autoStop });
  });
}

async function patchAtProvider({ fleet }: PodsParts, row: PodRow, changes: Pick<PodPatch, "name" | "locked">) {
  const provider = row.provider_id === null ? undefined : fleet.provider(row.provider);
  if (provider?.rents !== true || row.provider_id === null) {
    throw new LabError("validation_error", `${row.name}: only a rented pod can be renamed or locked`);
  }
  try {
    const seen = await provider.patch(row.provider_id, changes);
    await fleet.note(provider.name, row.provider_id, seen);
  } catch (error) {
    throw refusalOf(error, `${row.name} was not changed: `);
  }
}

/** Of those that are not there to tell. */
const labels: Readonly<Record<string, string>> = { runpod: "RunPod" };

/** Those that are there, and those that could be if something were configured. */
function providerStates({ fleet, missingProviders }: PodsParts): ProviderState[] {
  const present = fleet.providers.flatMap(({ name }) => fleet.state(name) ?? []);
  const missing = Object.entries(missingProviders).map(([name, reason]) => ({
    name,
    label: labels[name] ?? name,
    state: "off" as const,
    since: null,
    reason,
  }));
  return [...present, ...missing.filter(({ name }) => fleet.provider(name) === undefined)];
}
