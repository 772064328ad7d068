import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate, NewerStoreError } from "../../../src/lab/store/store.js";

const freshFile = () => join(mkdtempSync(join(tmpdir(), "hubify-store-")), "lab.db");

async function open(file: string, nowMs = 1_000) {
  const { db } = openSqlite(file);
  await migrate(db);
  return createStore(db, { now: () => nowMs });
}

const lab = (id: string) => ({
  id,
  name: id,
  slug: id,
  template: null,
  visibility: "private" as const,
  created_at: 1,
});

test("a change writes its events in the same transaction and then tells the watchers", async () => {
  const store = await open(freshFile());
  const seen: string[][] = [];
  store.onChange((topics) => seen.push([...topics].sort()));
  await store.change(async ({ tx, event, touch }) => {
    await tx.insertInto("labs").values(lab("a")).execute();
    event("lab.created", "a", { name: "a" });
    touch("telemetry");
  });
  expect(seen).toEqual([["activity:a", "events", "labs", "telemetry"]]);
  expect(await store.db.selectFrom("events").select(["topic", "ref", "at"]).execute()).toEqual([
    { topic: "lab.created", ref: "a", at: 1_000 },
  ]);
  await store.close();
});

test("a failed change leaves no row, no event and wakes nobody", async () => {
  const store = await open(freshFile());
  let woken = 0;
  store.onChange(() => woken++);
  await expect(
    store.change(async ({ tx, event }) => {
      await tx.insertInto("labs").values(lab("a")).execute();
      event("lab.created", "a", {});
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(await store.db.selectFrom("labs").selectAll().execute()).toEqual([]);
  expect(await store.db.selectFrom("events").selectAll().execute()).toEqual([]);
  expect(woken).toBe(0);
  await store.close();
});

test("the ts grows with each change even when the clock stands or jumps back, across restarts too", async () => {
  const file = freshFile();
  const first = await open(file, 5_000);
  await first.change(async () => undefined);
  const before = first.latestTs();
  await first.change(async () => undefined);
  expect(first.latestTs()).toBe(before + 1n);
  const last = first.latestTs();
  await first.close();
  const second = await open(file, 10);
  expect(second.latestTs()).toBe(last);
  await second.change(async () => undefined);
  expect(second.latestTs()).toBe(last + 1n);
  await second.close();
});

test("a database of a newer version is refused and stays as it is", async () => {
  const file = freshFile();
  const store = await open(file);
  await store.db.updateTable("meta").set({ value: "99" }).where("key", "=", "schema").execute();
  await store.close();
  const { db } = openSqlite(file);
  await expect(migrate(db)).rejects.toBeInstanceOf(NewerStoreError);
  await db.destroy();
});

test("a change inside a change joins it: both are kept or neither is", async () => {
  const store = await open(freshFile());
  const woken: string[][] = [];
  store.onChange((topics) => woken.push([...topics].sort()));
  const add = (id: string) =>
    store.change(async ({ tx, event }) => {
      await tx.insertInto("labs").values(lab(id)).execute();
      event("lab.created", id, {});
    });
  await expect(
    store.change(async () => {
      await add("a");
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  await store.change(async () => {
    await add("b");
    await add("c");
    expect(await store.db.selectFrom("labs").select("id").execute()).toHaveLength(2);
  });
  expect((await store.db.selectFrom("labs").select("id").execute()).map(({ id }) => id)).toEqual(["b", "c"]);
  expect(woken).toEqual([["activity:b", "activity:c", "events", "labs"]]);
  await store.close();
});

test("a commit is announced before the next reader sees it, and the reader's ts is not older", async () => {
  const store = await open(freshFile());
  const order: string[] = [];
  store.onChange((_, ts) => order.push(`announced ${ts === store.latestTs()}`));
  const changed = store.change(async ({ tx, ts }) => {
    await tx.insertInto("labs").values(lab("a")).execute();
    return ts;
  });
  const seen = store.read(async (tx, ts) => {
    order.push("read");
    return { rows: await tx.selectFrom("labs").selectAll().execute(), ts };
  });
  const [ts, read] = await Promise.all([changed, seen]);
  expect(order).toEqual(["announced true", "read"]);
  expect(read.rows).toHaveLength(1);
  expect(read.ts).toBe(ts);
  await store.close();
});

test("work that outlives its transaction uses the database again", async () => {
  const store = await open(freshFile());
  let late: Promise<unknown> = Promise.resolve();
  await store.change(async () => {
    late = new Promise(setImmediate).then(() => store.db.selectFrom("labs").selectAll().execute());
  });
  expect(await late).toEqual([]);
  await store.close();
});
