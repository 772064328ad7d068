import { EventEmitter } from "node:events";
import type { Kysely, Transaction } from "kysely";
import type { Clock } from "../../core/clock.js";
import { migrations } from "./migrations/index.js";
import type { Schema } from "./schema.js";

/** What a change may do besides SQL. Everything here happens in the change's own transaction, or not at all. */
export interface Change {
  readonly tx: Transaction<Schema>;
  /** ms of the change; every row it writes carries the same. */
  readonly at: number;
  /** Tells what happened: one `events` row, and wakes whoever watches `experiments`, `pods` … */
  event(topic: string, ref: string, payload: Readonly<Record<string, unknown>>): void;
  /** Wakes watchers of a topic without an events row, for what happens many times a second. */
  touch(topic: string): void;
}

/**
 * The lab's durable state. Topics name what a change touched and a query read:
 * `experiments` (any row of the list), `experiment:<id>`, `logs:<id>`, `metrics:<id>`, `pods`, `telemetry`, `labs`.
 */
export interface LabStore {
  readonly db: Kysely<Schema>;
  /** One transaction. Watchers are told after the commit; an exception rolls everything back. */
  change<T>(work: (change: Change) => Promise<T>): Promise<T>;
  /** Several reads of one and the same state, and the ts it belongs to. */
  read<T>(work: (tx: Transaction<Schema>, ts: bigint) => Promise<T>): Promise<T>;
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

/** Runs what is missing of the migrations. Safe to run twice; refuses a database of a newer version. */
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
  for (const [index, migration] of migrations.entries()) {
    if (index < done) continue;
    await db.transaction().execute(async (tx) => {
      await migration.up(tx as unknown as Kysely<unknown>);
      await setMeta(tx, "schema", String(index + 1));
    });
  }
}

async function setMeta(db: Kysely<Schema>, key: string, value: string): Promise<void> {
  await db
    .insertInto("meta")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** Wraps a migrated database. */
export async function createStore(db: Kysely<Schema>, clock: Clock): Promise<LabStore> {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const row = await db.selectFrom("meta").select("value").where("key", "=", "ts").executeTakeFirst();
  let lastTs = BigInt(row?.value ?? "0");

  const nextTs = (atMs: number) => {
    const now = BigInt(Math.round(atMs)) * 1_000_000n;
    lastTs = now > lastTs ? now : lastTs + 1n;
    return lastTs;
  };

  return {
    db,
    async change(work) {
      const topics = new Set<string>();
      let ts = 0n;
      const result = await db.transaction().execute(async (tx) => {
        const at = clock.now();
        const events: { topic: string; ref: string; payload: string; at: number }[] = [];
        const result = await work({
          tx,
          at,
          event: (topic, ref, payload) => {
            topics.add(topic.split(".")[0] === "experiment" ? "experiments" : `${topic.split(".")[0] ?? topic}s`);
            topics.add("events");
            events.push({ topic, ref, payload: JSON.stringify(payload), at });
          },
          touch: (topic) => topics.add(topic),
        });
        if (events.length > 0) await tx.insertInto("events").values(events).execute();
        ts = nextTs(at);
        await setMeta(tx, "ts", String(ts));
        return result;
      });
      emitter.emit("change", topics, ts);
      return result;
    },
    read: (work) => db.transaction().execute((tx) => work(tx, lastTs)),
    onChange(listener) {
      emitter.on("change", listener);
      return () => emitter.off("change", listener);
    },
    latestTs: () => lastTs,
    observeTs(ts) {
      if (ts > lastTs) lastTs = ts;
    },
    close: () => db.destroy(),
  };
}
