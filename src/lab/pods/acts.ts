import type { PodTrouble } from "../../contract/pod.js";
import type { SeenPod } from "../../contract/provider.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import type { Fleet } from "./fleet.js";
import { type PodRow, readTrouble } from "./pod-row.js";
import { readSpec } from "./pod-spec.js";
import type { PodHosts, PodRuns } from "./ports.js";
import type { Provider } from "./provider.js";
import { isUncertain, refusalOf } from "./provider-error.js";
import { type Pauses, readBack } from "./read-back.js";
import { tell } from "./record.js";

export interface ActParts extends Pauses {
  readonly store: LabStore;
  readonly fleet: Fleet;
  readonly runs: PodRuns;
  readonly hosts: PodHosts;
  readonly log: (line: string) => void;
}

export interface LeaveOptions {
  /** Go ahead although outputs are only on the pod and could not be fetched. */
  readonly discardOutputs?: boolean | undefined;
  /** Not if an experiment has begun there meanwhile. */
  readonly unlessBusy?: boolean | undefined;
  /** Why, for the events: a person's word, or the watchdog's. */
  readonly why?: string | undefined;
}

/** What is done to a pod that is rented. Each resolves when it was read back; twice at once is done once. */
export interface Acts {
  start(row: PodRow): Promise<void>;
  stop(row: PodRow, options?: LeaveOptions): Promise<void>;
  restart(row: PodRow): Promise<void>;
  terminate(row: PodRow, options?: LeaveOptions): Promise<void>;
  /** `stop` while somebody stops it. */
  underWay(podId: string): string | undefined;
}

type Verb = "start" | "stop" | "restart" | "terminate";

const gerunds: Readonly<Record<Verb, string>> = {
  start: "started",
  stop: "stopped",
  restart: "restarted",
  terminate: "terminated",
};

const stopForMs = 90_000;
const restartForMs = 120_000;
const terminateForMs = 60_000;
const lostForMs = 20_000;

export function createActs(parts: ActParts): Acts {
  const going = new Map<string, { readonly verb: Verb; readonly work: Promise<void> }>();

  /** Two rooms that want the same get the same; another wish has to wait. */
  const once = (verb: Verb, row: PodRow, work: () => Promise<void>): Promise<void> => {
    const other = going.get(row.id);
    if (other?.verb === verb) return other.work;
    if (other !== undefined) {
      return refuse(`${row.name} is being ${gerunds[other.verb]} at this moment; try again when that is done`);
    }
    parts.fleet.stir();
    const mine = work().finally(() => going.delete(row.id));
    going.set(row.id, { verb, work: mine });
    // It takes no work from now on: whoever plans reads it anew.
    touchPods(parts);
    return mine;
  };

  return {
    underWay: (podId) => going.get(podId)?.verb,
    start: (row) => once("start", row, () => start(parts, row)),
    stop: (row, options = {}) => once("stop", row, () => stop(parts, row, options)),
    restart: (row) =>
      row.status === "stopped"
        ? once("start", row, () => start(parts, row))
        : once("restart", row, () => restart(parts, row)),
    terminate: (row, options = {}) => once("terminate", row, () => terminate(parts, row, options)),
  };
}

const refuse = (message: string) => Promise.reject(new LabError("conflict", message));

interface Target {
  readonly provider: Provider;
  readonly providerId: string;
}

function targetOf({ fleet }: ActParts, row: PodRow): Target {
  const provider = fleet.provider(row.provider);
  if (provider === undefined) {
    throw new LabError("conflict", `${row.name}: the lab has no access to ${row.provider} any more: is its key set?`);
  }
  if (row.provider_id !== null) return { provider, providerId: row.provider_id };
  throw new LabError(
    "conflict",
    `${row.name}: ${provider.label} has not said yet whether it made it; the lab looks for it by its name`,
  );
}

async function start(parts: ActParts, row: PodRow): Promise<void> {
  const target = targetOf(parts, row);
  const { provider, providerId } = target;
  if (row.status === "terminated") return refuse(`${row.name} is terminated: n makes a new one`);
  if (row.status !== "stopped") return undefined;
  try {
    await provider.start(providerId);
  } catch (error) {
    await look(parts, row, target);
    throw refusalOf(error, `${row.name} can't be started: `);
  }
  // Its address changes, and an image may make its host key anew at each start.
  parts.hosts.forgetKey(row.id);
  await look(parts, row, target);
}

async function stop(parts: ActParts, row: PodRow, options: LeaveOptions): Promise<void> {
  const target = targetOf(parts, row);
  const { provider, providerId } = target;
  if (row.status === "stopped" || row.status === "terminated") return undefined;
  if (row.locked === 1)
    return refuse(`${row.name} is locked, and ${provider.label} stops no locked pod: unlock it first`);
  // A volume outlives a stop; without one everything on the pod is wiped.
  if (!keepsOutputs(row)) await bringHome(parts, row, { options, does: "a stop wipes" });
  else await parts.runs.fetchOutputs(row.id);
  if (options.unlessBusy === true) await refuseBusy(parts, row);
  const failure = await attempt(() => provider.stop(providerId));
  const isOff = (seen: SeenPod | null) => seen === null || seen.status === "stopped" || seen.status === "terminated";
  const { done, seen } = await readBack(parts, { ...target, forMs: patience(failure, stopForMs) }, isOff);
  if (seen !== undefined) await parts.fleet.note(provider.name, providerId, seen);
  if (done) return noteWhy(parts, row, options.why);
  if (failure !== null) throw refusalOf(failure, `${row.name} was not stopped: `);
  const message = `${provider.label} answered OK, but ${row.name} still runs and bills${price(row)}: stop it again, or in ${provider.label}'s console`;
  await setTrouble(parts, row, { code: "stopFailed", message });
  return refuse(message);
}

async function restart(parts: ActParts, row: PodRow): Promise<void> {
  const target = targetOf(parts, row);
  const { provider, providerId } = target;
  if (row.status !== "running") return refuse(`${row.name} is ${row.status}: only a running pod can be restarted`);
  const before = await provider.get(providerId).catch(() => null);
  await clearTrouble(parts, row);
  try {
    await provider.restart(providerId);
  } catch (error) {
    await look(parts, row, target);
    throw refusalOf(error, `${row.name} was not restarted: `);
  }
  const isAnew = (seen: SeenPod | null) => {
    if (seen?.status !== "running" || before?.status !== "running") return true;
    if (before.uptimeSeconds === null) return seen.uptimeSeconds !== null || seen.startedAt !== before.startedAt;
    return seen.uptimeSeconds !== null && seen.uptimeSeconds < before.uptimeSeconds;
  };
  const { done, seen } = await readBack(parts, { ...target, forMs: restartForMs }, isAnew);
  parts.hosts.forgetKey(row.id);
  if (seen !== undefined) await parts.fleet.note(provider.name, providerId, seen);
  if (done) {
    await parts.runs.forsake(row.id, `its pod ${row.name} was restarted`);
    return;
  }
  const message = `${provider.label} answered OK, but ${row.name} was not restarted: its uptime did not fall; stop and start it instead`;
  await setTrouble(parts, row, { code: "restartFailed", message });
  return refuse(message);
}

async function terminate(parts: ActParts, row: PodRow, options: LeaveOptions): Promise<void> {
  if (row.status === "terminated") return undefined;
  const target = targetOf(parts, row);
  const { provider, providerId } = target;
  if (row.locked === 1) return refuse(`${row.name} is locked against this: unlock it first`);
  await bringHome(parts, row, { options, does: "terminating destroys" });
  const failure = await attempt(() => provider.terminate(providerId));
  const isGone = (seen: SeenPod | null) => seen === null || seen.status === "terminated";
  const { done, seen } = await readBack(parts, { ...target, forMs: patience(failure, terminateForMs) }, isGone);
  if (seen !== undefined) await parts.fleet.note(provider.name, providerId, done ? null : seen);
  if (done) return noteWhy(parts, row, options.why ?? "terminated");
  if (failure !== null) throw refusalOf(failure, `${row.name} was not terminated: `);
  const message = `${provider.label} answered OK, but ${row.name} is still there${price(row)}: terminate it again, or in ${provider.label}'s console`;
  await setTrouble(parts, row, { code: "terminateFailed", message });
  return refuse(message);
}

const keepsOutputs = (row: PodRow) => (readSpec(row.spec).volumeGb ?? 0) > 0;

const price = ({ cost_per_hour_usd: cost }: PodRow) => (cost === null || cost === 0 ? "" : ` ($${cost.toFixed(2)}/h)`);

/** Nothing is lost by surprise: what can't be fetched is given up only where somebody says so. */
async function bringHome(
  { runs }: ActParts,
  row: PodRow,
  { options, does }: { options: LeaveOptions; does: string },
): Promise<void> {
  const { left, reason } = await runs.fetchOutputs(row.id);
  if (left.length === 0 || options.discardOutputs === true) return;
  const why = reason === null ? "" : ` (${reason})`;
  const how = row.status === "stopped" ? "start it to fetch them" : "fetch them first";
  throw new LabError(
    "conflict",
    `${row.name}: outputs of ${left.join(", ")} are only on it, could not be fetched${why}, and are what ${does}; ${how}, or say that they may be lost`,
  );
}

async function refuseBusy({ store }: ActParts, row: PodRow): Promise<void> {
  const busy = await store.db
    .selectFrom("experiments")
    .select("display_id")
    .where("status", "=", "running")
    .where("pod_id", "=", row.id)
    .executeTakeFirst();
  if (busy !== undefined) throw new LabError("conflict", `${busy.display_id} has begun there`);
}

function touchPods({ store, log }: ActParts): void {
  store
    .change(({ touch }) => {
      touch("pods");
      return Promise.resolve();
    })
    .catch((error: unknown) => log(`pods: ${String(error)}`));
}

/** A lost answer may still be carried out; a refusal has not been, or was not needed: one look tells. */
const patience = (failure: unknown, forMs: number) => (failure === null ? forMs : isUncertain(failure) ? lostForMs : 0);

/** The failure that leaves it open, or none; a refusal is thrown when the pod has been read back. */
async function attempt(act: () => Promise<void>): Promise<unknown> {
  try {
    await act();
    return null;
  } catch (error) {
    return error;
  }
}

async function look({ fleet, log }: ActParts, row: PodRow, { provider, providerId }: Target): Promise<void> {
  try {
    await fleet.note(provider.name, providerId, await provider.get(providerId));
  } catch (error) {
    // The next look at all pods brings it.
    if (!isUncertain(error)) log(`${row.name}: ${refusalOf(error).message}`);
  }
}

function setTrouble({ store }: ActParts, row: PodRow, trouble: PodTrouble): Promise<void> {
  return store.change(async (change) => {
    await change.tx
      .updateTable("pods")
      .set({ trouble: JSON.stringify(trouble), updated_at: change.at })
      .where("id", "=", row.id)
      .execute();
    tell(change, "pod.trouble", row, { ...trouble });
  });
}

/** What the lab itself found wrong is looked at anew with every act. */
async function clearTrouble({ store }: ActParts, row: PodRow): Promise<void> {
  if (readTrouble(row.trouble) === null) return;
  await store.change(({ tx, touch }) => {
    touch("pods");
    return tx.updateTable("pods").set({ trouble: null }).where("id", "=", row.id).execute();
  });
}

/** Why the lab itself switched it off stays readable until its status changes. */
async function noteWhy({ store }: ActParts, row: PodRow, why: string | undefined): Promise<void> {
  if (why === undefined) return;
  await store.change(async ({ tx, at, touch }) => {
    const { spec } = await tx.selectFrom("pods").select("spec").where("id", "=", row.id).executeTakeFirstOrThrow();
    const values = { status_reason: why, spec: JSON.stringify({ ...readSpec(spec), why }), updated_at: at };
    await tx.updateTable("pods").set(values).where("id", "=", row.id).execute();
    touch("pods");
  });
}
