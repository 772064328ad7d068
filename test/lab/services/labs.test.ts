import { sql } from "kysely";
import { expect, test } from "vitest";
import { LabDocument } from "../../../src/contract/lab.js";
import type { Actor } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { ownedTables } from "../../../src/lab/services/lab-removal.js";
import { createFirstLab, createLabs } from "../../../src/lab/services/labs.js";
import { openLab } from "./lab-fixture.js";

const key = (labId: string, verb: "read" | "write" | "admin" = "admin"): Actor => ({
  kind: "key",
  id: "key1",
  name: "key ci",
  grants: [{ labId, noun: "*", verb }],
  plan: null,
  expiresAt: null,
});

test("a data directory has one lab, found by id, slug or without a name", async () => {
  const { labs, labId, store, create, experiments } = await openLab();
  expect(await createFirstLab(store, { name: "Other", slug: "other" })).toBe(labId);
  await create();
  await create();
  await experiments.remove("EXP-001");
  const lab = await labs.get(undefined);
  expect(LabDocument.parse(lab)).toMatchObject({
    _id: labId,
    id: labId,
    slug: "dark-energy",
    experiment_count: 1,
    experimentCount: 1,
    agent_count: 0,
    site_url: null,
    plan: "team",
  });
  expect([lab.created_at, lab.createdAt]).toEqual(["1970-01-01T00:16:40.000Z", 1_000_000]);
  expect(await labs.get("dark-energy")).toEqual(lab);
  expect(await labs.list()).toEqual({ rows: [lab], nextCursor: null, hasMore: false });
  expect(await labs.idOf(labId)).toBe(labId);
  await expect(labs.get("none")).rejects.toMatchObject({ code: "not_found" });
});

test("a slug is made from the name where none is given, and taken once", async () => {
  const { labs } = await openLab();
  const made = await labs.create({ name: "  Énergie sombre (DESI) ", template: "cosmology", description: "w0wa" });
  expect(made).toMatchObject({
    name: "Énergie sombre (DESI)",
    slug: "energie-sombre-desi",
    template: "cosmology",
    visibility: "private",
    description: "w0wa",
  });
  expect((await labs.create({ name: "énergie sombre: DESI" })).slug).toBe("energie-sombre-desi-2");
  expect((await labs.create({ name: "暗" })).slug).toBe("lab");
  await expect(labs.create({ name: "x", slug: "dark-energy" })).rejects.toMatchObject({
    code: "conflict",
    message: "slug: dark-energy is taken; choose another",
  });
  // Nobody takes a lab's place by calling another one like its id.
  await expect(labs.create({ name: "x", slug: made.id })).rejects.toMatchObject({ code: "conflict" });
  await expect(async () => labs.create({ name: "x", slug: "Dark_Energy" })).rejects.toThrow(/^slug: must be of a-z/);
  await expect(async () => labs.create({ name: "x", colour: 1 } as never)).rejects.toThrow("colour");
  await expect(async () => labs.create({ name: "x", template: "physics" as never })).rejects.toThrow(
    /^template: .*cosmology/,
  );
});

test("labs are listed by pages, oldest first, though they were made in the same millisecond", async () => {
  const { labs, labId } = await openLab();
  const made = [labId];
  for (const name of ["a", "b", "c"]) made.push((await labs.create({ name })).id);
  const first = await labs.list({ limit: 3 });
  expect(first).toMatchObject({ nextCursor: made[2], hasMore: true });
  const second = await labs.list({ limit: 3, cursor: first.nextCursor ?? "" });
  expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(made);
  expect(second).toMatchObject({ nextCursor: null, hasMore: false });
  await expect(labs.list({ cursor: "none" })).rejects.toMatchObject({ code: "validation_error" });
});

test("a name that has moved on means the lab that has it now", async () => {
  const { labs, labId } = await openLab();
  const other = await labs.create({ name: "Other" });
  expect([await labs.idOf("dark-energy"), await labs.idOf("other")]).toEqual([labId, other.id]);
  await labs.patch("dark-energy", { slug: "first" });
  await labs.patch("other", { slug: "dark-energy", name: "Dark energy 2" });
  expect([await labs.idOf("dark-energy"), await labs.idOf("first")]).toEqual([other.id, labId]);
  await expect(labs.idOf("other")).rejects.toMatchObject({ code: "not_found" });
  await labs.remove(other.id, "dark-energy");
  for (const ref of ["dark-energy", other.id]) {
    await expect(labs.idOf(ref)).rejects.toMatchObject({ code: "not_found" });
  }
});

test("a caller sees the labs of its key, and none of the others by any name", async () => {
  const { labs, labId } = await openLab();
  const other = await labs.create({ name: "Other" });
  const asOther = <T>(work: () => T) => ask({ actor: key(other.id), need: "labs:read" }, new Set(), work);
  expect((await asOther(() => labs.list())).rows.map(({ slug }) => slug)).toEqual(["other"]);
  expect(await asOther(() => labs.idOf(undefined))).toBe(other.id);
  for (const ref of [labId, "dark-energy"]) {
    const refused = { code: "not_found", message: `Lab ${ref} does not exist.` };
    await expect(asOther(() => labs.idOf(ref))).rejects.toMatchObject(refused);
    await expect(asOther(() => labs.get(ref))).rejects.toMatchObject(refused);
    await expect(asOther(() => labs.status(ref))).rejects.toMatchObject(refused);
    await expect(asOther(() => labs.list({ cursor: ref }))).rejects.toMatchObject({ code: "validation_error" });
  }
});

test("what a key may do is held: 403 in its own lab, 404 in another", async () => {
  const { labs, labId } = await openLab();
  const other = await labs.create({ name: "Other" });
  const grants = [...key(other.id, "read").grants, ...key("elsewhere").grants];
  const reader = { ...key(other.id), grants };
  const patch = (ref: string) =>
    ask({ actor: reader, need: "labs:admin" }, new Set(), () => labs.patch(ref, { name: "Mine" }));
  await expect(patch("other")).rejects.toMatchObject({ code: "forbidden" });
  await expect(patch(labId)).rejects.toMatchObject({ code: "not_found" });
  const admin = <T>(work: () => T) => ask({ actor: key(other.id), need: "labs:admin" }, new Set(), work);
  await expect(admin(() => labs.create({ name: "New" }))).rejects.toMatchObject({ code: "forbidden" });
  await expect(admin(() => labs.patch("other", { plan: "team" }))).rejects.toThrow("plan: only the server's owner");
  expect(await admin(() => labs.patch("other", { name: "Mine" }))).toMatchObject({ name: "Mine", slug: "other" });
});

test("a lab goes only when somebody writes its slug, when nothing runs in it, and when it is not the last", async () => {
  const { labs, labId, experiments } = await openLab();
  await expect(labs.remove(labId, "dark-energy")).rejects.toMatchObject({ code: "conflict" });
  const other = await labs.create({ name: "Other" });
  const { _id } = await experiments.create({ labId: other.id, title: "a run", config: { command: "true" } });
  await experiments.claim(_id, "pod");
  await expect(labs.remove("other", undefined)).rejects.toThrow("write its slug to say so: ?confirm=other");
  await expect(labs.remove("other", "other")).rejects.toThrow("EXP-001 runs in other; cancel it");
  expect((await labs.get("other")).experimentCount).toBe(1);
});

test("the list of what belongs to a lab forgets no table", async () => {
  const { store } = await openLab();
  const { rows } = await sql<{ name: string; columns: string }>`
    select m.name, group_concat(c.name) as columns from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'search%' group by m.name`.execute(
    store.db,
  );
  const owned = new Set<string>(ownedTables.map(({ table }) => table));
  const children = new Set<string>(ownedTables.flatMap(({ children = [] }) => children.map(([table]) => table)));
  // Of the server: what is no lab's. The index of the search follows its tables by triggers.
  const server = [
    "balances",
    "labs",
    "learning_days",
    "learnings",
    "meta",
    "session_requests",
    "skills",
    "template_versions",
  ];
  const forgotten = rows.filter(({ name, columns }) =>
    columns.split(",").includes("lab_id") ? !owned.has(name) : !children.has(name) && !server.includes(name),
  );
  expect(forgotten.map(({ name }) => name)).toEqual([]);
});

test("with a lab goes everything it has, and nothing else", async () => {
  const { labs, labId, store, create, experiments } = await openLab();
  const removed: string[] = [];
  const removing = createLabs(store, {
    beforeRemoval: { experiments: async (ids) => void removed.push(...ids) },
  });
  await create();
  const mine = async () => {
    const counts = await Promise.all(
      [...new Set(ownedTables.flatMap(({ table, children = [] }) => [table, ...children.map(([child]) => child)]))].map(
        async (table) => {
          const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
            store.db,
          );
          return [table, rows[0]?.count] as const;
        },
      ),
    );
    return Object.fromEntries(counts);
  };
  const before = await mine();
  const other = await labs.create({ name: "Other" });
  const made: string[] = [];
  for (let index = 0; index < 70; index++) {
    const dependsOn = index === 0 ? {} : { dependsOn: [made[index - 1]] };
    const draft = { labId: other.id, title: "a run", config: { command: "true", ...dependsOn } };
    made.push((await experiments.create(draft))._id);
  }
  await store.change(async ({ tx }) => {
    for (const id of made) {
      await tx
        .insertInto("metrics")
        .values({ experiment_id: id, attempt: 1, name: "x", rank: 0, step: 0, value: 1, at: 1 })
        .execute();
    }
  });
  expect(await removing.remove("other", "other")).toEqual({ id: other.id, slug: "other" });
  expect(removed.toSorted()).toEqual(made.toSorted());
  const { events, ...after } = await mine();
  // Of the lab that went, the server remembers only that it did.
  expect({ ...after, events: Number(events) - 1 }).toEqual(before);
  expect(await labs.get(labId)).toMatchObject({ experimentCount: 1 });
  await expect(labs.get("other")).rejects.toMatchObject({ code: "not_found" });
});

test("the status counts what runs and waits, and what has passed today", async () => {
  const { labs, labId, store, create, experiments, clock } = await openLab();
  const pass = async () => {
    const { _id } = await create();
    const claimed = await experiments.claim(_id, "pod");
    await experiments.settle(_id, claimed?.attempt ?? 0, {
      status: "pass",
      exitCode: 0,
      result: "",
      qc: null,
      metrics: {},
    });
  };
  await pass();
  clock.at += 3_600_000;
  const midnight = clock.at - 1;
  await pass();
  await create();
  const counted = createLabs(store, {
    numbers: {
      startOfDay: () => midnight,
      monthUsd: async (id) => (id === labId ? 312 : null),
      pods: async () => ({ running: 2, gpuPercents: [100, null, 50] }),
    },
  });
  expect(await counted.status(undefined)).toEqual({
    lab: "dark-energy",
    experiments: { running: 0, queued: 1, completed_today: 1 },
    agents: { total: 0, active: 0, idle: 0 },
    pods: { active: 2, gpu_utilization_avg: 0.75, monthly_spend_usd: 312 },
    papers: [],
  });
  expect((await labs.status("dark-energy")).pods.monthly_spend_usd).toBeNull();
});
