import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { Project, Slug } from "../../../src/contract/project.js";
import { slugOf } from "../../../src/core/slug.js";
import { migrations } from "../../../src/lab/store/migrations/index.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { migrate } from "../../../src/lab/store/store.js";
import { asKeyOf, isRefused, openResearch } from "./research-fixture.js";

test("a project is made, found by id and slug, changed and deleted, and each is told", async () => {
  const { projects, labId, topics, heard } = await openResearch();
  const made = await projects.create({ labId: "dark-energy", name: "Is dark energy constant?", measurable: "3 sigma" });
  expect(Project.parse(made)).toEqual(made);
  expect(made).toMatchObject({ labId, slug: "is-dark-energy-constant", goal: null, status: "active" });
  expect(await projects.get(made.slug)).toEqual(made);
  heard.clear();
  await projects.patch(made._id, { status: "completed", goal: "know", measurable: null });
  expect([...heard]).toEqual(expect.arrayContaining([`projects:${labId}`, `project:${made._id}`]));
  expect(await projects.get(made._id)).toMatchObject({ status: "completed", goal: "know", measurable: null });
  expect(await projects.remove(made.slug)).toEqual({ id: made._id, slug: made.slug });
  await expect(projects.get(made._id)).rejects.toEqual(isRefused("not_found", /does not exist/));
  expect(await topics("project")).toEqual(["created", "completed", "deleted"]);
});

test("a slug is the project's alone: a wanted one is refused when it is taken, a made one gets a number", async () => {
  const { projects, labId } = await openResearch();
  await projects.create({ labId, name: "Dark energy" });
  expect((await projects.create({ labId, name: "Dark  Energy!" })).slug).toBe("dark-energy-2");
  expect((await projects.create({ labId, name: "???" })).slug).toBe("project");
  const taken = isRefused("conflict", /^slug: dark-energy is taken/);
  await expect(projects.create({ labId, name: "Other", slug: "dark-energy" })).rejects.toEqual(taken);
  await expect(projects.patch("project", { slug: "dark-energy" })).rejects.toEqual(taken);
  expect((await projects.patch("project", { slug: "project", name: "P" })).name).toBe("P");
  await expect(projects.create({ labId, name: "x", slug: "Not A Slug" })).rejects.toEqual(
    isRefused("validation_error", /^slug: /),
  );
});

test("any name makes a slug, or nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (name) => {
      const slug = slugOf(name);
      expect(slug === "" || Slug.safeParse(slug).success).toBe(true);
    }),
  );
});

test("experiments are counted by status as they come, move and go", async () => {
  const { projects, create, experiments, labId } = await openResearch();
  const { _id, slug } = await projects.create({ labId, name: "Dark energy" });
  const other = await projects.create({ labId, name: "Other" });
  const first = await create({ projectId: slug });
  expect(first.projectId).toBe(_id);
  await create({ projectId: _id });
  await create({ projectId: other._id });
  await create();
  await experiments.cancel(first._id);
  expect((await projects.get(slug)).experiments).toMatchObject({ fail: 1, queued: 1, running: 0, total: 2 });
  await expect(projects.remove(slug)).rejects.toEqual(isRefused("conflict", /has 2 experiments; archive it/));
  await experiments.remove(first._id);
  const { rows } = await projects.list({ labId, limit: 10 });
  expect(rows.map(({ slug, experiments: { total } }) => [slug, total])).toEqual([
    ["other", 1],
    ["dark-energy", 1],
  ]);
  expect((await experiments.list({ labId, limit: 9, projectId: "other" })).rows).toHaveLength(1);
});

test("an experiment's project must be one of its lab", async () => {
  const { create, experiments, labId } = await openResearch();
  const refused = isRefused("validation_error", /^projectId: nothing is no project of this lab/);
  await expect(create({ projectId: "nothing" })).rejects.toEqual(refused);
  await expect(experiments.list({ labId, limit: 1, projectId: "nothing" })).rejects.toEqual(refused);
});

test("pages go back in time, and take no cursor of something else", async () => {
  const { projects, labId, task } = await openResearch();
  for (const name of ["one", "two", "three"]) await projects.create({ labId, name });
  const first = await projects.list({ labId, limit: 2 });
  expect(first.rows.map(({ name }) => name)).toEqual(["three", "two"]);
  const last = await projects.list({ labId, limit: 2, cursor: first.nextCursor ?? "" });
  expect([last.rows.map(({ name }) => name), last.hasMore]).toEqual([["one"], false]);
  const { _id } = await task();
  await expect(projects.list({ labId, limit: 2, cursor: _id })).rejects.toEqual(
    isRefused("validation_error", /^cursor: /),
  );
});

test("a key of another lab sees none of it", async () => {
  const { projects, labId } = await openResearch();
  const { _id, slug } = await projects.create({ labId, name: "Dark energy" });
  for (const ref of [_id, slug]) {
    await expect(asKeyOf("another", "labs:write", () => projects.get(ref))).rejects.toEqual(
      isRefused("not_found", `Project ${ref} does not exist.`),
    );
    await expect(asKeyOf("another", "labs:write", () => projects.remove(ref))).rejects.toEqual(
      isRefused("not_found", ""),
    );
  }
  const { value, reads } = await asKeyOf(labId, "labs:read", () => projects.get(slug));
  expect([value._id, reads.has(`project:${_id}`)]).toEqual([_id, true]);
});

test("what experiments of an older database had as their project is one, with its counts", async () => {
  const { db } = openSqlite(":memory:");
  await sql`create table meta (key text primary key, value text not null)`.execute(db);
  for (const { up } of migrations.slice(0, 2)) await up(db as never);
  await db.insertInto("meta").values({ key: "schema", value: "2" }).execute();
  for (const [n, projectId, status] of [
    [1, "DESI DR2", "pass"],
    [2, "DESI DR2", "fail"],
    [3, null, "pass"],
  ] as const) {
    await sql`insert into experiments (n, id, lab_id, display_id, title, project_id, compute_mode, config, priority, status, metrics,
      attempt, log_lines, cancel_requested, created_at, updated_at)
      values (${n}, ${`e${n}`}, 'l', ${`EXP-00${n}`}, 't', ${projectId}, 'CPU', '{}', 2, ${status}, '{}', 1, 0, 0, ${n}, ${n})`.execute(
      db,
    );
  }
  await migrate(db);
  expect(await db.selectFrom("projects").select(["id", "lab_id", "slug", "name", "status"]).execute()).toEqual([
    { id: "DESI DR2", lab_id: "l", slug: "project-1", name: "DESI DR2", status: "active" },
  ]);
  await db.updateTable("experiments").set({ status: "queued" }).where("n", "=", 2).execute();
  const counts = await db.selectFrom("project_experiments").selectAll().where("count", ">", 0).execute();
  expect(counts.map(({ status, count }) => [status, count]).sort()).toEqual([
    ["pass", 1],
    ["queued", 1],
  ]);
  await db.destroy();
});
