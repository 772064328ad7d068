import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Backup } from "../../../src/contract/backup.js";
import { type Actor, everyLab, owner } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { createBackups } from "../../../src/lab/services/backups.js";
import { createBlobs } from "../../../src/lab/uploads/blobs.js";
import { openLab } from "./lab-fixture.js";

async function open({ backupDir, database }: { backupDir?: string; database?: string } = {}) {
  const lab = await openLab();
  const { dataDir, store, labId } = lab;
  const blobs = createBlobs({ store, dataDir, log: () => undefined });
  const parts = { ...lab, blobs, version: "1.2.3", log: () => undefined };
  const make = () => createBackups({ ...parts, backupDir, database: database ?? join(dataDir, "lab.db") });
  const backups = make();
  const { service } = backups;
  const ended = (id: string) =>
    vi.waitFor(
      async () => {
        const backup = await service.get(id);
        expect(backup.status).not.toBe("running");
        return backup;
      },
      { timeout: 10_000 },
    );
  const archives = () => (existsSync(join(dataDir, "backups")) ? readdirSync(join(dataDir, "backups")) : []);
  const topics = async () =>
    (
      await store.db.selectFrom("events").select("topic").where("topic", "like", "backup.%").orderBy("seq").execute()
    ).map(({ topic }) => topic);
  return { ...lab, labId, make, backups, service, ended, archives, topics, ref: { labId } };
}

test("one begins at once, goes on by itself, and tells when it is complete", async () => {
  const { service, ended, ref, archives, topics } = await open();
  const begun = await service.create(ref);
  expect(begun).toMatchObject({ status: "running", type: "full", destination: "local", size: null, createdBy: "lab" });
  const { file, size } = await ended(begun.id);
  expect(archives()).toEqual([file]);
  expect(size).toBeGreaterThan(1000);
  expect((await service.content(begun.id)).file).toMatch(/backups\/hubify-lab-full-.*\.tar\.gz$/);
  expect(await topics()).toEqual(["backup.started", "backup.completed"]);
  await service.remove(begun.id);
  expect(archives()).toEqual([]);
  await expect(service.get(begun.id)).rejects.toMatchObject({ code: "not_found" });
});

test("a second one waits its turn", async () => {
  const { service, ended, ref } = await open();
  const { id } = await service.create(ref);
  await expect(service.create(ref)).rejects.toMatchObject({ code: "conflict", message: /is being made/ });
  await expect(service.content(id)).rejects.toMatchObject({ code: "conflict", message: /is running/ });
  await ended(id);
  await ended((await service.create({ ...ref, type: "checkpoint" })).id);
});

test("other destinations are refused with those that there are", async () => {
  const { service, ref } = await open();
  const other = service.create({ ...ref, destination: "b2" as Backup["destination"] });
  await expect(other).rejects.toMatchObject({
    code: "validation_error",
    message: /^destination: .*"local"\|"directory"/,
  });
  await expect(service.create({ ...ref, destination: "directory" })).rejects.toMatchObject({
    code: "validation_error",
    message: /^destination: no directory is configured; set lab.backupDir/,
  });
});

test("a configured directory takes it", async () => {
  const backupDir = join((await openLab()).dataDir, "other-disk");
  const { service, ended, ref, archives } = await open({ backupDir });
  const { file } = await ended((await service.create({ ...ref, destination: "directory" })).id);
  expect(readdirSync(backupDir)).toEqual([file]);
  expect(archives()).toEqual([]);
});

test("one that fails says why, and leaves nothing behind", async () => {
  const { service, ended, ref, archives, topics } = await open({ database: "/nowhere/lab.db" });
  const failed = await ended((await service.create(ref)).id);
  expect(failed).toMatchObject({
    status: "failed",
    file: null,
    size: null,
    error: expect.stringMatching(/unable to open/) as string,
  });
  expect(archives()).toEqual([]);
  expect(await topics()).toEqual(["backup.started", "backup.failed"]);
});

test("a stop gives it up cleanly", async () => {
  const { backups, service, ref, archives, dataDir } = await open();
  mkdirSync(join(dataDir, "scripts"));
  writeFileSync(join(dataDir, "scripts", "large"), Buffer.alloc(64 * 2 ** 20, "not all the same "));
  const { id } = await service.create(ref);
  await vi.waitFor(() => expect(archives().some((name) => name.endsWith("tar.gz.part"))).toBe(true));
  await backups.stop();
  expect(await service.get(id)).toMatchObject({ status: "cancelled", error: "the lab was stopped while it was made" });
  expect(archives()).toEqual([]);
});

test("one that is deleted while it is made is given up", async () => {
  const { backups, service, ref, archives, dataDir } = await open();
  mkdirSync(join(dataDir, "scripts"));
  writeFileSync(join(dataDir, "scripts", "large"), Buffer.alloc(64 * 2 ** 20, "not all the same "));
  const { id } = await service.create(ref);
  await vi.waitFor(() => expect(archives().some((name) => name.endsWith("tar.gz.part"))).toBe(true));
  await service.remove(id);
  await vi.waitFor(() => expect(archives()).toEqual([]));
  await backups.stop();
});

test("what a killed lab left unfinished is failed and removed at the next start", async () => {
  const { store, make, service, dataDir, archives, labId } = await open();
  const row = {
    id: "b1",
    lab_id: labId,
    type: "full",
    destination: "local",
    status: "running",
    file: "hubify-lab-x.tar.gz",
  };
  await store.change(({ tx }) =>
    tx
      .insertInto("backups")
      .values({ ...row, created_by: "owner", started_at: 1 })
      .execute(),
  );
  mkdirSync(join(dataDir, "backups", "hubify-lab-x.tar.gz.work.part"), { recursive: true });
  for (const name of ["hubify-lab-x.tar.gz.part", "hubify-lab-x.tar.gz.work.part/lab.db", "mine.txt"]) {
    writeFileSync(join(dataDir, "backups", name), "x");
  }
  await make().start();
  expect(await service.get("b1")).toMatchObject({ status: "failed", error: "the lab ended while it was made" });
  expect(archives()).toEqual(["mine.txt"]);
});

test("a change that is rolled back makes none", async () => {
  const { store, service, ref, archives, ended } = await open();
  const failing = store.change(async () => {
    await service.create(ref);
    throw new Error("rolled back");
  });
  await expect(failing).rejects.toThrow("rolled back");
  const { id } = await service.create(ref);
  const { file } = await ended(id);
  expect((await service.list({ ...ref, limit: 5 })).rows).toHaveLength(1);
  await vi.waitFor(() => expect(archives()).toEqual([file]));
});

test("whoever may not administer every lab of the server gets none", async () => {
  const { service, ended, ref, labId, store } = await open();
  const actor: Actor = {
    ...owner,
    kind: "key",
    id: "k",
    name: "key of one lab",
    grants: [{ labId, noun: "labs", verb: "admin" }],
  };
  const asOne = <T>(work: () => Promise<T>) => ask({ actor, need: "labs:admin" }, new Set(), work);
  const { id } = await asOne(() => service.create(ref));
  await ended(id);
  await store.change(({ tx }) =>
    tx
      .insertInto("labs")
      .values({ id: "second", name: "2", slug: "second", template: null, visibility: "private", created_at: 1 })
      .execute(),
  );
  const words = { code: "forbidden", message: /every lab of this server/ };
  await expect(asOne(() => service.create(ref))).rejects.toMatchObject(words);
  await expect(asOne(() => service.content(id))).rejects.toMatchObject(words);
  await expect(asOne(() => service.remove(id))).rejects.toMatchObject(words);
  const all = { ...actor, grants: [{ labId: everyLab, noun: "labs", verb: "admin" }] } as const;
  expect((await ask({ actor: all, need: "labs:admin" }, new Set(), () => service.content(id))).backup.id).toBe(id);
});
