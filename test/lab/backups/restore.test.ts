import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import { labFiles } from "../../../src/config/paths.js";
import type { Backup } from "../../../src/contract/backup.js";
import { restoreBackup } from "../../../src/lab/backups/restore.js";
import { lockData } from "../../../src/lab/process/data-lock.js";
import { createLabs } from "../../../src/lab/services/labs.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore } from "../../../src/lab/store/store.js";
import { composeFiles } from "../../../src/lab/uploads/compose-files.js";
import { openLab } from "../services/lab-fixture.js";
import { png } from "../uploads/images.js";

const freshDir = () => join(mkdtempSync(join(tmpdir(), "hubify-restore-")), "lab");
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const contentParts = { settings: {}, version: "1.2.3", log: () => undefined };

/** A lab with a run that goes on, one that ended, one whose experiment is gone, a figure, a file, and secrets all over. */
async function openFullLab() {
  const lab = await openLab();
  const { dataDir, labId, store } = lab;
  const content = composeFiles({ ...lab, ...contentParts });
  await content.start();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dataDir, path)), { recursive: true });
    writeFileSync(join(dataDir, path), text);
  };
  for (const secret of ["token", "credentials.json", "webhook-secrets.json", "ssh/id_ed25519", "lab.log"]) {
    write(secret, `SECRET of ${secret}`);
  }
  const running = await lab.create({ title: "goes on" });
  const ended = await lab.create({ title: "ended" });
  const addRun = (experimentId: string, state: "running" | "ended", off: number) =>
    store.change(({ tx }) =>
      tx
        .insertInto("runs")
        .values({
          experiment_id: experimentId,
          attempt: 1,
          dir: join(dataDir, "runs", experimentId, "1"),
          state,
          off,
          seq: 2,
          started_at: 1,
        })
        .execute(),
    );
  await addRun(running._id, "running", 12);
  await addRun(ended._id, "ended", 12);
  for (const id of [running._id, ended._id]) {
    write(`runs/${id}/1/out`, "line 1\nline\nnot indexed yet\n");
    write(`runs/${id}/1/pid`, "10 20 30 40 boot 1\n");
    write(`runs/${id}/1/work/result.json`, `{"of": "${id}"}`);
    mkdirSync(join(dataDir, "runs", id, "1", "lock"));
  }
  write(`runs/${ended._id}/1/exit`, "0 1\n");
  write("runs/forgotten/1/work/kept.txt", "outputs outlive experiments");
  write(`runs/${running._id}/1/work/${"long".repeat(40)}/${"name".repeat(40)} é.txt`, "deep");
  symlinkSync("/etc/passwd", join(dataDir, "runs/forgotten/1/work/link"));
  write("scripts/run.py", "print(1)");
  const figure = await content.figures.register({ labId, source: "upload", file: png(40, 30), fileName: "a.png" });
  await content.files.write({ labId, path: "/notes/readme.md", content: "# notes" });
  await store.change(({ tx }) =>
    tx
      .insertInto("session_requests")
      .values({ session_id: "s", request_id: 1, ts: "1", result: '"SECRET token of a session"', at: 1 })
      .execute(),
  );
  const backUp = async (type: Backup["type"] = "full") => {
    const { id } = await content.backups.create({ labId, type });
    const done = await vi.waitFor(
      async () => {
        const backup = await content.backups.get(id);
        expect(backup.status).not.toBe("running");
        return backup;
      },
      { timeout: 10_000 },
    );
    return { backup: done, file: join(dataDir, "backups", done.file ?? "") };
  };
  const close = async () => {
    await content.stop();
    await store.close();
  };
  closing.push(close);
  return { ...lab, content, running, ended, figure, backUp, close };
}

const restore = (file: string, dataDir: string, confirm = true) =>
  restoreBackup({ file, dataDir, anyRatio: false, now: Date.UTC(2026, 0, 2), confirm: async () => confirm });

async function openRestored(dataDir: string) {
  const { db } = openSqlite(labFiles(dataDir).database);
  const store = await createStore(db, { now: () => 2_000_000 });
  closing.push(() => store.close());
  return {
    store,
    ...composeFiles({ store, labs: createLabs(store), dataDir, clock: { now: () => 2_000_000 }, ...contentParts }),
  };
}

test("a full backup has all of a lab, and none of its secrets", async () => {
  const { backUp, labId, content, running, ended, figure } = await openFullLab();
  const { backup, file } = await backUp();
  expect(backup).toMatchObject({ status: "complete", error: null, type: "full", size: statSync(file).size });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await content.backups.stats(labId)).toMatchObject({ total: 1, complete: 1, totalBytes: backup.size });
  expect(gunzipSync(readFileSync(file)).includes("SECRET")).toBe(false);

  const dataDir = freshDir();
  const restored = await restore(file, dataDir);
  expect(restored).toMatchObject({
    keptAs: null,
    manifest: { counts: { experiments: 2, figures: 1 }, skipped: { count: 1 } },
  });
  const read = (path: string) => readFileSync(join(dataDir, path), "utf8");
  expect(read(`runs/${running._id}/1/out`)).toBe("line 1\nline\n");
  expect(read(`runs/${ended._id}/1/out`)).toBe("line 1\nline\n");
  expect(read(`runs/${ended._id}/1/exit`)).toBe("0 1\n");
  expect(read(`runs/${running._id}/1/pid`)).toBe("0 - 0 - restored 0\n");
  expect(existsSync(join(dataDir, `runs/${running._id}/1/lock`))).toBe(true);
  expect(read("runs/forgotten/1/work/kept.txt")).toBe("outputs outlive experiments");
  expect(existsSync(join(dataDir, "runs/forgotten/1/work/link"))).toBe(false);
  expect(read(`runs/${running._id}/1/work/${"long".repeat(40)}/${"name".repeat(40)} é.txt`)).toBe("deep");
  expect(read("scripts/run.py")).toBe("print(1)");
  const lab = await openRestored(dataDir);
  expect((await lab.figures.list({ labId, limit: 10 })).rows).toEqual(
    (await content.figures.list({ labId, limit: 10 })).rows,
  );
  expect(readFileSync((await lab.figures.content(figure._id)).file)).toEqual(png(40, 30));
  expect((await lab.files.list({ labId, path: "/notes/readme.md", limit: 1 })).rows).toMatchObject([
    { content: "# notes" },
  ]);
  const runs = await lab.store.db.selectFrom("runs").select("dir").orderBy("dir").execute();
  expect(runs.map(({ dir }) => dir)).toEqual(
    [running._id, ended._id].sort().map((id) => join(dataDir, "runs", id, "1")),
  );
});

test("what is in it can be checked by hand", async () => {
  const { backUp } = await openFullLab();
  const { file } = await backUp();
  const dir = mkdtempSync(join(tmpdir(), "hubify-unpacked-"));
  execFileSync("tar", ["xzf", file, "-C", dir]);
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: dir });
});

test("what was there is kept, and keys and token stay", async () => {
  const { backUp } = await openFullLab();
  const { file } = await backUp();
  const dataDir = freshDir();
  mkdirSync(join(dataDir, "runs"), { recursive: true });
  for (const name of ["lab.db", "lab.db-wal", "token", "runs/old"]) writeFileSync(join(dataDir, name), `old ${name}`);
  const restored = await restore(file, dataDir);
  expect(restored?.keptAs).toBe(`${dataDir}.before-restore-2026-01-02T000000`);
  const kept = (name: string) => readFileSync(join(restored?.keptAs ?? "", name), "utf8");
  expect([kept("lab.db"), kept("lab.db-wal"), kept("runs/old")]).toEqual([
    "old lab.db",
    "old lab.db-wal",
    "old runs/old",
  ]);
  expect(readFileSync(join(dataDir, "token"), "utf8")).toBe("old token");
  expect(existsSync(join(dataDir, "lab.db-wal"))).toBe(false);
  expect(readdirSync(dataDir).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a checkpoint has the database alone, and leaves what else is there", async () => {
  const { backUp, running, dataDir, close } = await openFullLab();
  const { file } = await backUp("checkpoint");
  const elsewhere = freshDir();
  await restore(file, elsewhere);
  expect(readdirSync(elsewhere).sort()).toEqual(["holder.json", "lab.db", "lock.db", "runs"]);
  // No lab takes it for one that was never started.
  expect(readFileSync(join(elsewhere, "runs", running._id, "1", "pid"), "utf8")).toMatch(/restored/);
  await close();
  const pid = join(dataDir, "runs", running._id, "1", "pid");
  const before = readFileSync(pid, "utf8");
  await restore(file, dataDir);
  expect(readFileSync(pid, "utf8")).toBe(before);
});

/** A directory as it is, to see that nothing was touched. */
const listing = (dir: string) => (existsSync(dir) ? readdirSync(dir, { recursive: true }).map(String).sort() : null);

async function refused(file: string, dataDir = freshDir()): Promise<string> {
  const before = listing(dataDir);
  const error = await restore(file, dataDir).then(
    () => "restored",
    (caught: unknown) => (caught as Error).message,
  );
  expect(listing(dataDir)).toEqual(before);
  return error;
}

/** The archive, unpacked by the system's tar, changed, and packed in the same order again. */
async function changed(change: (dir: string) => void, ...flags: string[]): Promise<string> {
  const { backUp } = await openFullLab();
  const { file } = await backUp("checkpoint");
  const dir = mkdtempSync(join(tmpdir(), "hubify-changed-"));
  execFileSync("tar", ["xzf", file, "-C", dir]);
  change(dir);
  const made = `${dir}.tar.gz`;
  const first = ["backup.json", "lab.db"];
  const others = readdirSync(dir).filter((name) => ![...first, "SHA256SUMS", "manifest.json"].includes(name));
  const last = ["SHA256SUMS", "manifest.json"].filter((name) => existsSync(join(dir, name)));
  execFileSync("tar", ["czf", made, "-C", dir, ...flags, ...first, ...others, ...last]);
  return made;
}

const edit = (dir: string, name: string, work: (value: Record<string, unknown>) => void) => {
  const value = JSON.parse(readFileSync(join(dir, name), "utf8")) as Record<string, unknown>;
  work(value);
  writeFileSync(join(dir, name), JSON.stringify(value));
};

test("the same packed by another tar is taken", async () => {
  expect(await restore(await changed(() => undefined), freshDir())).not.toBeNull();
});

test.each<[string, (dir: string) => void, RegExp, string[]]>([
  ["a changed file", (dir) => writeFileSync(join(dir, "lab.db"), "x", { flag: "a" }), /does not have its sum/, []],
  [
    "a newer schema",
    (dir) => edit(dir, "backup.json", (head) => void (head["schema"] = 999)),
    /which is newer \(format 1, schema 999/,
    [],
  ],
  ["a newer format", (dir) => edit(dir, "backup.json", (head) => void (head["format"] = 2)), /newer/, []],
  [
    "another list of files",
    (dir) => edit(dir, "manifest.json", (all) => void (all["members"] = 9)),
    /counts other files/,
    [],
  ],
  ["no manifest", (dir) => execFileSync("rm", [join(dir, "manifest.json")]), /no manifest at its end/, []],
  ["a path upwards", () => undefined, /no path below a data directory/, ["--transform=s,lab.db,runs/../../lab.db,"]],
  ["an absolute path", () => undefined, /no path below a data directory/, ["-P", "--transform=s,lab.db,/lab.db,"]],
  ["a file of another kind", () => undefined, /does not belong/, ["--transform=s,lab.db,token,"]],
  ["a link", (dir) => symlinkSync("/etc/passwd", join(dir, "scripts")), /SymbolicLink/, []],
  ["a device", (dir) => execFileSync("mkfifo", [join(dir, "scripts")]), /FIFO/, []],
  [
    "a hard link",
    (dir) => {
      mkdirSync(join(dir, "runs"));
      execFileSync("ln", [join(dir, "lab.db"), join(dir, "runs", "x")]);
    },
    /is a Link/,
    [],
  ],
])("%s is refused before anything is touched", async (_, change, message, flags) => {
  expect(await refused(await changed(change, ...flags))).toMatch(message);
});

test("what breaks off, or is something else, is refused before anything is touched", async () => {
  const { backUp } = await openFullLab();
  const { file } = await backUp();
  const bytes = readFileSync(file);
  const write = (name: string, content: Buffer | string) => {
    const path = join(mkdtempSync(join(tmpdir(), "hubify-odd-")), name);
    writeFileSync(path, content);
    return path;
  };
  expect(await refused(write("half.tar.gz", bytes.subarray(0, bytes.length / 2)))).toMatch(/breaks off/);
  expect(await refused(write("whole.tar", gzipSync(gunzipSync(bytes).subarray(0, 4096))))).toMatch(
    /breaks off|damaged/,
  );
  expect(await refused(write("text.tar.gz", "hello"))).toMatch(/no backup, or damaged/);
  expect(await refused(write("zip.tar.gz", gzipSync("hello ".repeat(1000))))).toMatch(/no backup|damaged/);
  expect(await refused("/nowhere/at/all")).toMatch(/can't be read/);
});

test("a lab that runs there is not disturbed", async () => {
  const { backUp, dataDir } = await openFullLab();
  const { file } = await backUp();
  const lock = lockData(labFiles(dataDir), 1);
  await expect(restore(file, dataDir)).rejects.toThrow(/in use by the lab with pid/);
  lock.release();
});

test("who says no has changed nothing", async () => {
  const { backUp } = await openFullLab();
  const { file } = await backUp();
  const dataDir = freshDir();
  expect(await restore(file, dataDir, false)).toBeNull();
  expect(existsSync(dataDir)).toBe(false);
});
