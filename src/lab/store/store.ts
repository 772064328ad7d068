import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { EventEmitter } from "node:events";
import type { Kysely, Transaction } from "kysely";
import type { Clock } from "../../core/clock.js";
import { actorName, asLab } from "../access/asking.js";
import { createBulkInsert } from "./bulk-insert.js";
import { migrations } from "./migrations/index.js";
import type { Schema } from "./schema.js";

/** What a change may do besides SQL. Everything here happens in the change's own transaction, or not at all. */
export interface Change {
  readonly tx: Transaction<Schema>;
  /** ms of the change; every row it writes carries the same. */
  readonly at: number;
  /** ts of the state that this change makes. */
  readonly ts: bigint;
  /**
   * Tells what happened: one `events` row (with who did it, and of the lab in `payload.labId`), and wakes whoever watches
   * `experiments`, `pods` … It is the lab's activity, and what webhooks are told.
   */
  event(topic: string, ref: string, payload: Readonly<Record<string, unknown>>): void;
  /** Wakes watchers of a topic without an events row, for what happens many times a second. */
  touch(topic: string): void;
}

/**
 * The lab's durable state. Topics name what a change touched and a query read:
 * `experiments` (any row of the list), `experiment:<id>`, `logs:<id>`, `metrics:<id>`, `pods`, `telemetry`, `labs`.
 */
export interface LabStore {
  /** The transaction of the surrounding `change` or `read` where there is one; else the database. So every read is safe anywhere. */
  readonly db: Kysely<Schema>;
  /**
   * One transaction. Watchers are told after the commit and before anybody else reads; an exception rolls everything back. Inside
   * another change it joins that one: both are kept or neither is, so let exceptions through.
   */
  change<T>(work: (change: Change) => Promise<T>): Promise<T>;
  /** Several reads of one and the same state, and the ts it belongs to. Joins the surrounding change or read. */
  read<T>(work: (tx: Transaction<Schema>, ts: bigint) => Promise<T>): Promise<T>;
  /** Inside a `change`, whose writes nobody else may see yet. */
  readonly isChanging: boolean;
  /** Listeners work as the lab itself, whoever made the change. */
  onChange(listener: (topics: ReadonlySet<string>, ts: bigint) => void): () => void;
  /** ns since 1970 of the last change; never goes back, also across restarts. */
  latestTs(): bigint;
  /** A client has seen this ts: never answer below it. */
  observeTs(ts: bigint): void;
  close(): Promise<void>;
}

export class NewerStoreError extends Error {
  override readonly name = "NewerStoreError";
}

/** Runs what is missing of the migrations, all or nothing. Safe to run twice; refuses a database of a newer version. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable("meta")
    .ifNotExists()
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .execute();
  const row = await db.selectFrom("meta").select("value").where("key", "=", "schema").executeTakeFirst();
  const done = Number(row?.value ?? 0);
  if (done > migrations.length) {
    throw new NewerStoreError(`the database has schema ${done}, this lab knows ${migrations.length}`);
  }
  if (done === migrations.length) return;
  // Together: each commit waits for the disk, and a new lab has all of them to run.
  await db.transaction().execute(async (tx) => {
    for (const migration of migrations.slice(done)) await migration.up(tx as unknown as Kysely<unknown>);
    await setMeta(tx, "schema", String(migrations.length));
  });
}

async function setMeta(db: Kysely<Schema>, key: string, value: string): Promise<void> {
  await db
    .insertInto("meta")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** The transaction that the running asynchronous call belongs to. */
interface Scope {
  readonly tx: Transaction<Schema>;
  readonly ts: bigint;
  readonly change: Change | null;
  /** Work that outlived its transaction must not use it. */
  over: boolean;
}

function createScopes() {
  const scopes = new AsyncLocalStorage<Scope>();
  return {
    current(): Scope | undefined {
      const scope = scopes.getStore();
      return scope === undefined || scope.over ? undefined : scope;
    },
    async within<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
      try {
        return await scopes.run(scope, work);
      } finally {
        scope.over = true;
      }
    },
  };
}

/** One at a time, in order of asking. */
function createLock(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = last.then(work);
    last = run.catch(() => undefined);
    return run;
  };
}

function topicOf(event: string): string {
  const noun = event.split(".")[0] ?? event;
  return `${noun}s`;
}

type NewEvent = Record<"topic" | "ref" | "payload" | "actor", string> &
  Record<"at", number> &
  Record<"lab_id", string | null>;

const insertEvents = createBulkInsert<NewEvent>((db, rows) => db.insertInto("events").values(rows));

/** Whose activity an event is; null: the server's own. */
function labOf(event: string, ref: string, { labId }: Readonly<Record<string, unknown>>): string | null {
  if (typeof labId === "string") return labId;
  return event.startsWith("lab.") ? ref : null;
}

/** Wraps a migrated database. */
export async function createStore(db: Kysely<Schema>, clock: Clock): Promise<LabStore> {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const scopes = createScopes();
  const locked = createLock();
  const row = await db.selectFrom("meta").select("value").where("key", "=", "ts").executeTakeFirst();
  let lastTs = BigInt(row?.value ?? "0");

  const observeTs = (ts: bigint) => {
    if (ts > lastTs) lastTs = ts;
  };

  const commit = async <T>(topics: Set<string>, work: (change: Change) => Promise<T>) => {
    const at = clock.now();
    const now = BigInt(Math.round(at)) * 1_000_000n;
    const ts = now > lastTs ? now : lastTs + 1n;
    const events: NewEvent[] = [];
    const result = await db.transaction().execute(async (tx) => {
      const change: Change = {
        tx,
        at,
        ts,
        event: (topic, ref, payload) => {
          topics.add(topicOf(topic));
          topics.add("events");
          const labId = labOf(topic, ref, payload);
          if (labId !== null) topics.add(`activity:${labId}`);
          events.push({ topic, ref, payload: JSON.stringify(payload), at, lab_id: labId, actor: actorName() });
        },
        touch: (topic) => topics.add(topic),
      };
      const result = await scopes.within({ tx, ts, change, over: false }, () => work(change));
      await insertEvents(tx, events);
      await setMeta(tx, "ts", String(ts));
      return result;
    });
    observeTs(ts);
    asLab(() => emitter.emit("change", topics, ts));
    return result;
  };

  return {
    get db() {
      return scopes.current()?.tx ?? db;
    },
    get isChanging() {
      return (scopes.current()?.change ?? null) !== null;
    },
    async change(work) {
      const scope = scopes.current();
      if (scope === undefined) return locked(() => commit(new Set(), work));
      if (scope.change === null) throw new Error("a change inside a read");
      return work(scope.change);
    },
    async read(work) {
      const scope = scopes.current();
      if (scope !== undefined) return work(scope.tx, scope.ts);
      return locked(() =>
        db.transaction().execute((tx) => {
          const ts = lastTs;
          return scopes.within({ tx, ts, change: null, over: false }, () => work(tx, ts));
        }),
      );
    },
    onChange(listener) {
      // What it does is its own work and not that of whoever made the change: their rights and their name don't go along.
      const own = AsyncResource.bind(listener);
      emitter.on("change", own);
      return () => emitter.off("change", own);
    },
    latestTs: () => lastTs,
    observeTs,
    close: () => db.destroy(),
  };
}
