import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import type { Fleet } from "./fleet.js";
import type { PodRow } from "./pod-row.js";

/** By document id, name or the provider's id; of pods with one name the newest that is there. */
export async function needPod({ db }: Pick<LabStore, "db">, ref: string): Promise<PodRow> {
  const rows = await db
    .selectFrom("pods")
    .selectAll()
    .where((where) => where.or([where("id", "=", ref), where("name", "=", ref), where("provider_id", "=", ref)]))
    .orderBy("created_at", "desc")
    .execute();
  const row = rows.find(({ id }) => id === ref) ?? rows.find(({ status }) => status !== "terminated") ?? rows[0];
  if (row === undefined) throw new LabError("not_found", `Pod ${ref} does not exist.`);
  return row;
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
