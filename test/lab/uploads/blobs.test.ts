import { createHash } from "node:crypto";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test, vi } from "vitest";
import { createBlobs } from "../../../src/lab/uploads/blobs.js";
import { openLab } from "../services/lab-fixture.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const limit = { maxBytes: 100, field: "file" };

async function open() {
  const lab = await openLab();
  const blobs = createBlobs({ ...lab, log: () => undefined });
  const stage = (text: string) => blobs.stage(Readable.from([Buffer.from(text)]), limit);
  const addFile = (text: string) =>
    lab.store.change(async ({ tx }) => {
      await blobs.keep(await stage(text));
      const row = { id: text, lab_id: lab.labId, path: `/${text}`, parent_path: "/", name: text, type: "file" };
      await tx
        .insertInto("files")
        .values({ ...row, sha256: sha256(text), created_at: 1, updated_at: 1 })
        .execute();
    });
  const removeFile = (text: string) =>
    lab.store.change(async ({ tx }) => {
      await tx.deleteFrom("files").where("id", "=", text).execute();
      blobs.released([sha256(text)]);
    });
  const has = (text: string) => existsSync(blobs.pathOf(sha256(text)));
  return { ...lab, blobs, stage, addFile, removeFile, has };
}

test("content is kept for its owner alone, by its sum", async () => {
  const { blobs, addFile, dataDir } = await open();
  await addFile("abc");
  const path = blobs.pathOf(sha256("abc"));
  expect(path).toBe(join(dataDir, "blobs", "ba", "7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("too much is refused while it comes", async () => {
  const { stage, dataDir, blobs } = await open();
  await expect(stage("x".repeat(101))).rejects.toMatchObject({
    code: "payload_too_large",
    message: /^file: larger than 100 bytes/,
  });
  const endless = (async function* () {
    for (;;) yield Buffer.alloc(40);
  })();
  await expect(blobs.stage(endless, limit)).rejects.toMatchObject({ code: "payload_too_large" });
  expect(statSync(join(dataDir, "uploads")).isDirectory()).toBe(true);
});

test("a full disk is said in words", async () => {
  const { blobs } = await open();
  const full = (async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from("x");
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  })();
  await expect(blobs.stage(full, limit)).rejects.toMatchObject({ message: "file: can't be stored: the disk is full" });
});

test("a change that fails leaves no content", async () => {
  const { store, blobs, stage, has, addFile } = await open();
  const failing = store.change(async () => {
    await blobs.keep(await stage("lost"));
    throw new Error("rolled back");
  });
  await expect(failing).rejects.toThrow("rolled back");
  await addFile("next");
  await vi.waitFor(() => expect(has("lost")).toBe(false));
  expect(has("next")).toBe(true);
});

test("while it is held nothing is removed, and afterwards what was to be", async () => {
  const { blobs, addFile, removeFile, has } = await open();
  await addFile("a");
  const [first, second] = [blobs.hold(), blobs.hold()];
  await removeFile("a");
  first();
  first();
  await addFile("b");
  expect(has("a")).toBe(true);
  second();
  await vi.waitFor(() => expect(has("a")).toBe(false));
  expect(has("b")).toBe(true);
});

test("a start removes what a killed lab left behind, and nothing else", async () => {
  const { dataDir, addFile, has, store } = await open();
  await addFile("kept");
  const orphan = join(dataDir, "blobs", "ab", "cdef");
  const upload = join(dataDir, "uploads", "of-another-life", "x");
  for (const file of [orphan, upload]) {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "x");
  }
  const next = createBlobs({ store, dataDir, log: () => undefined });
  const mine = await next.stage(Readable.from([Buffer.from("mine")]), limit);
  next.start();
  await vi.waitFor(() => expect([existsSync(orphan), existsSync(upload)]).toEqual([false, false]));
  expect([has("kept"), existsSync(mine.file)]).toEqual([true, true]);
  await next.stop();
});
