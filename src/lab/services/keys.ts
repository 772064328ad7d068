import type { Selectable } from "kysely";
import type { Plan } from "../../contract/access.js";
import { ApiKey, type MadeApiKey, type NewApiKey } from "../../contract/api-key.js";
import { type Actor, everyLab, labsFor } from "../access/actor.js";
import { asLab, currentActor, noteRead, visibleLabs } from "../access/asking.js";
import { grantsOf, isMorePlan, refuseMoreThan } from "../access/scopes.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newToken, tokenHash, tokenPrefix } from "../token.js";
import { newDocumentId } from "./document-id.js";
import type { LabsService } from "./labs.js";
import { type Page, readPage } from "./page.js";

export interface KeysService {
  /** The only time that the key itself is told. Nobody makes a key that may do more, or lives longer, than their own. */
  create(draft: NewApiKey): Promise<MadeApiKey>;
  /** Newest first, revoked ones too. */
  list(query: KeysQuery): Promise<Page<ApiKey>>;
  /** By id or prefix. It ends at once, and so do the sessions that it made. Twice is safe. */
  revoke(ref: string): Promise<ApiKey>;
  /** Somebody used it now: kept in memory until `saveUses`, so that no request writes. */
  noteUse(id: string, at: number): void;
  saveUses(): Promise<void>;
}

export interface KeysQuery {
  readonly labId?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type KeyRow = Selectable<Schema["api_keys"]>;

export function createKeys({ store, labs }: { readonly store: LabStore; readonly labs: LabsService }): KeysService {
  const uses = new Map<string, number>();
  const toKey = (row: KeyRow) => toApiKey(row, uses.get(row.id) ?? null);
  return {
    async create(draft) {
      const actor = currentActor();
      // A session ends with its key; what it makes would not.
      if (actor?.kind === "session") throw new LabError("forbidden", "A session makes no keys; ask with its key.");
      const labId = await labOf(draft.labId, actor, labs);
      const grants = await grantsOf(draft.scopes, { labId, idOf: labs.idOf });
      refuseMoreThan(actor, grants);
      const plan = planOf(draft.plan, actor);
      const key = newToken("hk_live");
      return store.change(async (change) => {
        const row = await change.tx
          .insertInto("api_keys")
          .values({
            id: newDocumentId(),
            lab_id: labId,
            name: draft.name,
            prefix: tokenPrefix(key),
            hash: tokenHash(key),
            scopes: JSON.stringify(draft.scopes),
            grants: JSON.stringify(grants),
            plan,
            created_by: actor?.id ?? "lab",
            created_at: change.at,
            expires_at: endOf(draft, actor?.expiresAt ?? null, change.at),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        change.event("key.created", row.id, { ...told(row), scopes: draft.scopes });
        return { ...toKey(row), key, token: key, tokenId: row.id };
      });
    },

    async list({ labId, limit, cursor }) {
      noteRead("keys");
      const seen = labId === undefined ? visibleLabs() : [await labs.idOf(labId)];
      const listed = () => {
        const rows = store.db.selectFrom("api_keys");
        return seen === null ? rows : rows.where("lab_id", "in", [...seen]);
      };
      return readPage(
        { limit, cursor },
        {
          place: (id) => listed().select("n").where("id", "=", id).executeTakeFirst(),
          rows: (before, most) =>
            listed().selectAll().where("n", "<", before).orderBy("n", "desc").limit(most).execute(),
          to: toKey,
        },
      );
    },

    revoke: (ref) => store.change(async (change) => toKey(await revokeKey(change, ref))),

    noteUse: (id, at) => void uses.set(id, at),

    async saveUses() {
      if (uses.size === 0) return;
      const taken = [...uses];
      await store.change(async ({ tx }) => {
        for (const [id, at] of taken)
          await tx.updateTable("api_keys").set({ last_used_at: at }).where("id", "=", id).execute();
      });
      for (const [id, at] of taken) if (uses.get(id) === at) uses.delete(id);
    },
  };
}

async function revokeKey(change: Change, ref: string): Promise<KeyRow> {
  const { tx, at } = change;
  const row = await tx
    .selectFrom("api_keys")
    .selectAll()
    .where((where) => where.or([where("id", "=", ref), where("prefix", "=", ref)]))
    .executeTakeFirst();
  const seen = visibleLabs();
  if (row === undefined || (seen !== null && (row.lab_id === null || !seen.includes(row.lab_id)))) {
    throw new LabError("not_found", `tokenId: there is no key ${ref}; the list of keys names their ids and prefixes`);
  }
  if (row.revoked_at !== null) return row;
  await tx.updateTable("api_keys").set({ revoked_at: at }).where("id", "=", row.id).execute();
  await tx
    .updateTable("sessions")
    .set({ ended_at: at })
    .where("created_by", "=", row.id)
    .where("ended_at", "is", null)
    .execute();
  change.event("key.revoked", row.id, told(row));
  change.touch("sessions");
  await asLab(() => revokeMadeBy(change, row.id));
  return { ...row, revoked_at: at };
}

/** The keys that a key made go with it: whoever stole it may have made more. */
async function revokeMadeBy(change: Change, maker: string): Promise<void> {
  const made = await change.tx
    .selectFrom("api_keys")
    .select("id")
    .where("created_by", "=", maker)
    .where("revoked_at", "is", null)
    .execute();
  for (const { id } of made) await revokeKey(change, id);
}

/** For the activity. */
const told = ({ name, prefix, lab_id }: KeyRow) => ({ name, prefix, ...(lab_id === null ? {} : { labId: lab_id }) });

/** Without a word, the owner's keys are of all labs, and those of a key are of its own lab. */
async function labOf(
  wanted: string | null | undefined,
  actor: Actor | null,
  labs: LabsService,
): Promise<string | null> {
  if (typeof wanted === "string") return labs.idOf(wanted);
  const own = actor === null ? everyLab : labsFor(actor, "keys:write");
  if (own === everyLab) return null;
  const [first, ...others] = own;
  if (wanted === undefined && first !== undefined && others.length === 0) return first;
  if (wanted === null) throw new LabError("forbidden", "labId: only the owner makes keys of all labs; name a lab");
  throw new LabError("validation_error", "labId: is missing; name the lab that the key is of, by id or slug");
}

function planOf(wanted: Plan | null | undefined, actor: Actor | null): Plan | null {
  if (actor === null) return wanted ?? null;
  const plan = wanted ?? actor.plan;
  if (isMorePlan(plan, actor.plan))
    throw new LabError("forbidden", `plan: yours is ${String(actor.plan)}; ${String(plan)} is more`);
  return plan;
}

/** When a key ends; not after `latest`, the end of the one that makes it. */
function endOf(draft: NewApiKey, latest: number | null, at: number): number | null {
  const wanted = wantedEnd(draft, at);
  if (latest === null || (wanted !== null && wanted <= latest)) return wanted;
  if (wanted === null) return latest;
  throw new LabError("forbidden", `expiresAt: your own token ends before, at ${new Date(latest).toISOString()}`);
}

function wantedEnd({ expiresIn, expiresAt = null }: NewApiKey, at: number): number | null {
  if (expiresIn !== undefined && expiresAt !== null) {
    throw new LabError("validation_error", "expiresIn: give it or expiresAt, not both");
  }
  if (expiresIn !== undefined) return at + Math.round(expiresIn * 1000);
  if (expiresAt !== null && expiresAt <= at) {
    throw new LabError("validation_error", "expiresAt: is past; give ms since 1970 UTC");
  }
  return expiresAt;
}

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function toApiKey(row: KeyRow, usedAt: number | null): ApiKey {
  const lastUsedAt = usedAt ?? row.last_used_at;
  return ApiKey.parse({
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    labId: row.lab_id,
    scopes: JSON.parse(row.scopes) as unknown,
    plan: row.plan,
    createdBy: row.created_by,
    createdAt: row.created_at,
    created_at: isoOf(row.created_at),
    expiresAt: row.expires_at,
    expires_at: isoOf(row.expires_at),
    lastUsedAt,
    last_used_at: isoOf(lastUsedAt),
    revokedAt: row.revoked_at,
  });
}
