import { mayIn } from "../access/actor.js";
import { currentActor, needLab, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import type { Fleet } from "./fleet.js";
import { isShared } from "./own-machines.js";
import type { PodRow } from "./pod-row.js";

/**
 * By document id, name or the provider's id; of pods with one name the newest that is there. Of the pods that the caller knows of: its
 * labs' own, and the machines that serve every lab.
 */
export async function needPod({ db }: Pick<LabStore, "db">, ref: string): Promise<PodRow> {
  const rows = await db
    .selectFrom("pods")
    .selectAll()
    .where((where) => where.or([where("id", "=", ref), where("name", "=", ref), where("provider_id", "=", ref)]))
    .orderBy("created_at", "desc")
    .execute();
  const known = rows.filter(isKnown);
  const row = known.find(({ id }) => id === ref) ?? known.find(({ status }) => status !== "terminated") ?? known[0];
  const missing = `Pod ${ref} does not exist.`;
  if (row === undefined) throw new LabError("not_found", missing);
  if (!isShared(row)) needLab(row.lab_id, missing);
  return row;
}

function isKnown(row: PodRow): boolean {
  const actor = currentActor();
  return actor === null || isShared(row) || mayIn(actor, row.lab_id, "pods:read") !== "unseen";
}

/** Whether the caller may do to a pod what it is about to do, and not only in its own lab on it. */
export function isOwn({ lab_id: labId }: Pick<PodRow, "lab_id">): boolean {
  const visible = visibleLabs();
  return visible === null || visible.includes(labId);
}

/** As `needPod`, of those that the caller may change: a machine that serves every lab is its own lab's to drain. */
export async function needOwnPod(store: Pick<LabStore, "db">, ref: string): Promise<PodRow> {
  const row = await needPod(store, ref);
  if (isOwn(row)) return row;
  throw new LabError("forbidden", `${row.name} serves every lab of this server: its own lab alone changes it.`);
}

/** A pod whose provider is not configured any more is rented all the same: somebody pays for it. */
export function isRented(fleet: Fleet, { provider }: Pick<PodRow, "provider">): boolean {
  return provider !== "local" && fleet.provider(provider)?.rents !== false;
}

/** As `needPod`, of those that can be `terminated`; others are refused with that word. */
export async function needRented(db: Pick<LabStore, "db">, fleet: Fleet, ref: string, what: string): Promise<PodRow> {
  const row = await needPod(db, ref);
  if (isRented(fleet, row)) return row;
  const whose = row.provider === "local" ? "This machine" : `${row.name} is a host of your own: it`;
  throw new LabError("validation_error", `${whose} can't be ${what} from here.`);
}
