import type { Selectable } from "kysely";
import {
  longestSessionSeconds,
  type MadeSession,
  type NewSession,
  type Session,
  type SessionCheck,
  type SessionEnd,
} from "../../contract/session.js";
import type { Clock } from "../../core/clock.js";
import { type Actor, everyLab, type Grant, mayIn, owner } from "../access/actor.js";
import { currentActor, noteRead } from "../access/asking.js";
import { grantsOf, narrowTo, refuseMoreThan } from "../access/scopes.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newToken, tokenHash } from "../token.js";
import { newDocumentId } from "./document-id.js";
import type { LabsService } from "./labs.js";
import { type Page, type PageRequest, readPage } from "./page.js";

/** Short-lived tokens for agents. A session may do at most what its creator may, and ends with the key that made it. */
export interface SessionsService {
  create(draft: NewSession): Promise<MadeSession>;
  /** Who has a session's token may ask whether it lives. */
  validate(token: string): Promise<SessionCheck>;
  /** Lets it live `ttl` seconds from now. */
  refresh(token: string, ttl: number): Promise<MadeSession>;
  end(which: SessionEnd): Promise<{ readonly sessionId: string; readonly ended: true }>;
  /** Those that live and that the caller made; the owner sees all. */
  list(page: PageRequest): Promise<Page<Session>>;
  /** Forgets those that are over. */
  prune(): Promise<void>;
}

type SessionRow = Selectable<Schema["sessions"]>;

/** How long one that is over is kept, for who asks why it was refused. */
const keptMs = 24 * 3_600_000;
const maxMetadataBytes = 16_384;

interface SessionParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly clock: Clock;
}

export function createSessions({ store, labs, clock }: SessionParts): SessionsService {
  const find = (token: string) =>
    store.db.selectFrom("sessions").selectAll().where("hash", "=", tokenHash(token)).executeTakeFirst();
  /** ms; sessions of a key end with it. */
  const latestEnd = async (creator: string) => {
    const key = await store.db.selectFrom("api_keys").select("expires_at").where("id", "=", creator).executeTakeFirst();
    return key?.expires_at ?? null;
  };

  return {
    async create(draft) {
      const actor = currentActor() ?? owner;
      if (actor.kind === "session") throw new LabError("forbidden", "A session makes no sessions; ask with its key.");
      const grants = await grantsFor(draft, actor, labs);
      const metadata = metadataText(draft);
      const token = newToken("hs_live");
      return store.change(async (change) => {
        const expires_at = earlier(change.at + Math.round(draft.ttl * 1000), await latestEnd(actor.id));
        const row = {
          id: newDocumentId(),
          lab_id: onlyLab(grants),
          hash: tokenHash(token),
          agent_id: draft.agentId,
          grants: JSON.stringify(grants),
          plan: actor.plan,
          metadata,
          created_by: actor.id,
          created_at: change.at,
          expires_at,
        };
        await change.tx.insertInto("sessions").values(row).execute();
        // Not `sessions`, which says that tokens changed their meaning: this one had none before.
        change.touch("sessions:list");
        return { token, sessionId: row.id, expiresAt: expires_at };
      });
    },

    async validate(token) {
      noteRead("sessions");
      const row = await find(token);
      if (row === undefined || !isLive(row, clock.now())) {
        return { valid: false, agentId: null, expiresAt: null, metadata: null };
      }
      return { valid: true, agentId: row.agent_id, expiresAt: row.expires_at, metadata: metadataOf(row) };
    },

    refresh: (token, ttl) =>
      store.change(async (change) => {
        const row = await find(token);
        if (row === undefined || !isLive(row, change.at)) {
          throw new LabError("not_found", "token: this session is over, or there was none; make a new one");
        }
        const wanted = change.at + Math.round(Math.min(ttl, longestSessionSeconds) * 1000);
        const expiresAt = earlier(wanted, await latestEnd(row.created_by));
        await change.tx.updateTable("sessions").set({ expires_at: expiresAt }).where("id", "=", row.id).execute();
        change.touch("sessions");
        return { token, sessionId: row.id, expiresAt };
      }),

    end: (which) =>
      store.change(async (change) => {
        const row = await findToEnd(change, which);
        if (row.ended_at === null) {
          await change.tx.updateTable("sessions").set({ ended_at: change.at }).where("id", "=", row.id).execute();
        }
        for (const topic of ["sessions", "sessions:list"]) change.touch(topic);
        return { sessionId: row.id, ended: true };
      }),

    list: (page) => listSessions(store, clock.now(), page),

    prune: () =>
      store.change(async ({ tx, at }) => {
        await tx
          .deleteFrom("sessions")
          .where("expires_at", "<", at - keptMs)
          .execute();
      }),
  };
}

const earlier = (a: number, b: number | null) => (b === null ? a : Math.min(a, b));

const isLive = ({ ended_at, expires_at }: SessionRow, at: number) => ended_at === null && expires_at > at;

const metadataOf = ({ metadata }: SessionRow) =>
  metadata === null ? null : (JSON.parse(metadata) as Record<string, unknown>);

async function listSessions(store: LabStore, at: number, page: PageRequest): Promise<Page<Session>> {
  noteRead("sessions", "sessions:list");
  const actor = currentActor() ?? owner;
  const listed = () => {
    const rows = store.db.selectFrom("sessions").where("ended_at", "is", null).where("expires_at", ">", at);
    return actor.kind === "owner" ? rows : rows.where("created_by", "=", actor.id);
  };
  return readPage(page, {
    place: (id) => store.db.selectFrom("sessions").select("n").where("id", "=", id).executeTakeFirst(),
    rows: (before, most) => listed().selectAll().where("n", "<", before).orderBy("n", "desc").limit(most).execute(),
    to: toSession,
  });
}

/** By its token, which is proof enough; by its id; else the one that asks. */
async function findToEnd({ tx }: Change, { token, sessionId }: SessionEnd): Promise<SessionRow> {
  const actor = currentActor() ?? owner;
  const rows = tx.selectFrom("sessions").selectAll();
  if (token !== undefined) {
    const row = await rows.where("hash", "=", tokenHash(token)).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", "token: there is no such session");
    return row;
  }
  const id = sessionId ?? (actor.kind === "session" ? actor.id : null);
  if (id === null) {
    throw new LabError("validation_error", "token: is missing; name the session by its token or `sessionId`");
  }
  const row = await rows.where("id", "=", id).executeTakeFirst();
  if (row === undefined || !mayEnd(row, actor)) throw new LabError("not_found", "sessionId: there is no such session");
  return row;
}

function metadataText({ metadata }: NewSession): string | null {
  if (metadata === undefined) return null;
  const text = JSON.stringify(metadata);
  if (Buffer.byteLength(text) <= maxMetadataBytes) return text;
  throw new LabError("validation_error", `metadata: must have at most ${maxMetadataBytes} bytes as JSON`);
}

/** The one lab that grants are of; null: several, or all. */
function onlyLab(grants: readonly Grant[]): string | null {
  const [only, ...others] = new Set(grants.map(({ labId }) => labId));
  return only === undefined || only === everyLab || others.length > 0 ? null : only;
}

/** Whoever made it, and who keeps the keys of its lab. */
const mayEnd = (row: SessionRow, actor: Actor) =>
  actor.kind === "owner" ||
  actor.id === row.id ||
  actor.id === row.created_by ||
  mayIn(actor, row.lab_id ?? everyLab, "keys:write") === "yes";

async function grantsFor(
  { labId: ref, scopes }: NewSession,
  actor: Actor,
  labs: LabsService,
): Promise<readonly Grant[]> {
  const labId = ref === undefined ? null : await labs.idOf(ref);
  if (scopes === undefined) return labId === null ? actor.grants : narrowTo(actor.grants, labId);
  const grants = await grantsOf(scopes, { labId: labId ?? onlyLab(actor.grants), idOf: labs.idOf });
  refuseMoreThan(actor, grants);
  return grants;
}

const toSession = (row: SessionRow): Session => ({
  _id: row.id,
  _creationTime: row.created_at,
  id: row.id,
  sessionId: row.id,
  agentId: row.agent_id,
  labId: row.lab_id,
  metadata: metadataOf(row),
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});
