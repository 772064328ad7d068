import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { FailureError } from "../../../src/core/failure.js";
import { openDataDir } from "../../../src/lab/process/data-dir.js";
import { openLogFile } from "../../../src/lab/process/log-file.js";
import { buildLabEntry, freshDir, killLeftovers, runByHand, startOf } from "./lab-processes.js";

const options = { repair: false, now: Date.UTC(2026, 10, 22) };
const isRoot = process.getuid?.() === 0;
/** nobody, where we may become it: root ignores permissions. */
const nobody = isRoot ? { uid: 65534, gid: 65534 } : {};

const entry = await buildLabEntry();
chmodSync(dirname(entry), 0o755);
afterEach(killLeftovers);

async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FailureError)) throw new Error(`expected a failure, got ${String(error)}`);
  return error.failure;
}

async function closed(dir: string) {
  const data = await openDataDir(dir, options);
  await data.db.destroy();
  data.release();
  return data;
}

test("a token that others may read is taken back from them", async () => {
  const dir = freshDir();
  const { token, files } = await closed(dir);
  chmodSync(files.token, 0o644);
  expect((await closed(dir)).token).toBe(token);
  expect(statSync(files.token).mode & 0o777).toBe(0o600);
  expect(token).toMatch(/^hubify_lab_[\w-]{43}$/);
});

test("a database of a newer version is refused and left alone", async () => {
  const dir = freshDir();
  const data = await openDataDir(dir, options);
  await data.db.updateTable("meta").set({ value: "99" }).where("key", "=", "schema").execute();
  await data.db.destroy();
  data.release();
  const failure = await failureOf(openDataDir(dir, { ...options, repair: true }));
  expect(failure.kind).toBe("unsupported");
  expect(failure.message).toMatch(/was written by a newer version: .*schema 99/);
  expect(failure.hint).toMatch(/update hubify-tui/);
});

test.each(["header", "pages"])(
  "a database with corrupt %s is refused, and moved aside only with consent",
  async (where) => {
    const dir = freshDir();
    const { files } = await closed(dir);
    const bytes = readFileSync(files.database);
    bytes.fill(0xaa, where === "header" ? 0 : 4096);
    writeFileSync(files.database, bytes);
    const failure = await failureOf(openDataDir(dir, options));
    expect(failure.message).toMatch(/lab\.db is corrupt/);
    expect(failure.hint).toMatch(/--repair/);
    expect(readFileSync(files.database)).toEqual(bytes);

    const data = await openDataDir(dir, { ...options, repair: true });
    expect(data.movedTo).toBe(`${files.database}.corrupt-2026-11-22T00-00-00.000Z`);
    expect(readFileSync(String(data.movedTo))).toEqual(bytes);
    expect(await data.db.selectFrom("experiments").selectAll().execute()).toEqual([]);
    await data.db.destroy();
    data.release();
  },
);

test("repair leaves a healthy database where it is", async () => {
  const dir = freshDir();
  await closed(dir);
  const data = await openDataDir(dir, { ...options, repair: true });
  expect(data.movedTo).toBeNull();
  await data.db.destroy();
  data.release();
});

test("a start that failed gives the directory back", async () => {
  const dir = freshDir();
  const { files } = await closed(dir);
  writeFileSync(files.database, "no database at all, but long enough to be looked at as one");
  await failureOf(openDataDir(dir, options));
  const data = await openDataDir(dir, { ...options, repair: true });
  expect(data.movedTo).not.toBeNull();
  await data.db.destroy();
  data.release();
});

test("a file in place of the directory is named", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "hubify-file-")), "lab");
  writeFileSync(file, "");
  expect((await failureOf(openDataDir(file, options))).message).toBe(`can't use ${file}: it is not a directory`);
});

test("a directory without write permission is refused, with what to do", async () => {
  const dir = freshDir();
  mkdirSync(dir);
  chmodSync(dirname(dir), 0o755);
  chmodSync(dir, 0o555);
  const notice = await runByHand(startOf(entry, dir), nobody).notice;
  expect(notice).toMatchObject({
    type: "failed",
    locked: false,
    failure: { kind: "local", message: `can't use ${dir}: permission denied` },
  });
  expect(readdirSync(dir)).toEqual([]);
});

/** Whether this machine lets us mount a small file system in a name space of our own. */
const canMount = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
if (!canMount) console.log("skipped: read-only and full file systems, since mounting is not allowed here");

/** Runs the lab on a tmpfs of its own that only it sees, and answers with its log of one line: how the start went. */
function startOn(mountOptions: string, prepare = "true"): string {
  const dir = mkdtempSync(join(tmpdir(), "hubify-mount-"));
  const script = `mount -t tmpfs -o ${mountOptions} none ${dir} && ${prepare.replaceAll("DIR", dir)} && exec ${process.execPath} -e '
    const { spawn } = require("node:child_process");
    const lab = spawn(process.execPath, [${JSON.stringify(entry)}, "--data", ${JSON.stringify(dir)}], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    lab.on("message", (notice) => { console.log(notice.failure ? notice.failure.message : "started"); lab.kill("SIGKILL"); });'`;
  const printed = execFileSync("unshare", ["-m", "sh", "-c", script], { encoding: "utf8" });
  return printed.trim().replaceAll(dir, "DIR");
}

test.skipIf(!canMount)("a read-only file system is refused", () => {
  expect(startOn("size=1m,ro")).toBe("can't use DIR: it is on a read-only file system");
});

test.skipIf(!canMount)("a full disk is refused, also when a little room is left", () => {
  expect(startOn("size=64k", "dd if=/dev/zero of=DIR/fill bs=1k count=64 2>/dev/null || true")).toBe(
    "can't use DIR: the disk is full",
  );
  expect(startOn("size=64k")).toBe("can't use DIR: the disk is full");
  expect(startOn("size=8m")).toBe("started");
});

test("the lab's log is capped, keeps its past, and goes on in the same file", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "hubify-log-")), "lab.log");
  const log = openLogFile(file, { now: () => Date.UTC(2026, 10, 22) }, { maxBytes: 200, keep: 2 });
  const { ino } = statSync(file);
  for (let n = 1; n <= 20; n++) log.info(`line ${n}`);
  log.error("broken", new Error("why", { cause: new Error("deeper") }));
  log.close();
  const texts = ["lab.log.2", "lab.log.1"].map((name) => readFileSync(join(dirname(file), name), "utf8"));
  expect(readdirSync(dirname(file)).sort()).toEqual(["lab.log", "lab.log.1", "lab.log.2"]);
  expect(statSync(file).ino).toBe(ino);
  for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(200);
  const numbers = texts.flatMap((text) => [...text.matchAll(/line (\d+)/g)].map(([, n]) => Number(n)));
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  expect(numbers.at(-1)).toBe(20);
  const last = readFileSync(file, "utf8");
  expect(last).toMatch(/^2026-11-22T00:00:00\.000Z error broken: Error: why\n {2,}at /);
  expect(last).toMatch(/caused by Error: deeper/);
  log.info("after the end nothing is thrown");
});
