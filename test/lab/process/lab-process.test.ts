import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterEach, expect, test, vi } from "vitest";
import { labFiles, makePrivateDir } from "../../../src/config/paths.js";
import {
  ensureLab,
  findLab,
  locateLab,
  type RunningLab,
  startLab,
  stopLab,
} from "../../../src/connections/lab-process.js";
import { Discovery } from "../../../src/contract/discovery.js";
import { toFailure } from "../../../src/core/failure.js";
import { buildLabEntry, freshDir, isAlive, killHard, killLeftovers, runByHand, startOf } from "./lab-processes.js";

const entry = await buildLabEntry();
const started = new Set<number>();

afterEach(async () => {
  killLeftovers();
  for (const pid of started) if (isAlive(pid)) await killHard(pid);
  started.clear();
});

const start = async (dataDir: string, ...flags: string[]): Promise<RunningLab> => {
  const lab = await ensureLab(startOf(entry, dataDir, ...flags));
  started.add(lab.pid);
  return lab;
};

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

test("a lab is started on demand, found, attached to and stopped; its token stays", async () => {
  const dataDir = freshDir();
  expect(await findLab(dataDir)).toBeNull();
  const lab = await start(dataDir);
  const files = labFiles(dataDir);
  expect(lab).toMatchObject({
    dataDir,
    version: "0.0.0-test",
    protocol: 1,
    runningExperiments: 0,
    tokenFile: files.token,
  });
  expect(lab.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect([mode(dataDir), mode(files.token), mode(files.discovery), mode(files.log)]).toEqual([
    "700",
    "600",
    "600",
    "600",
  ]);
  expect(Discovery.parse(JSON.parse(readFileSync(files.discovery, "utf8"))).pid).toBe(lab.pid);
  expect(readFileSync(files.token, "utf8").trim()).toBe(lab.token);
  expect(readFileSync(files.log, "utf8")).not.toContain(lab.token);
  expect(await start(dataDir)).toMatchObject({ pid: lab.pid });

  const answer = await fetch(`${lab.url}/v1/labs`, { headers: { authorization: `Bearer ${lab.token}` } });
  expect(answer.status).toBe(200);
  expect(await stopLab(dataDir)).toBe(true);
  expect(isAlive(lab.pid)).toBe(false);
  expect(await findLab(dataDir)).toBeNull();
  expect(() => statSync(files.discovery)).toThrow(/ENOENT/);
  expect(await stopLab(dataDir)).toBe(false);
  expect((await start(dataDir)).token).toBe(lab.token);
});

test("a lab leads a session of its own: it outlives whoever started it, and the terminal", async () => {
  const lab = await start(freshDir());
  const stat = readFileSync(`/proc/${lab.pid}/stat`, "latin1");
  const session = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3];
  expect(Number(session)).toBe(lab.pid);
});

test("when several start at once, one runs and all attach to it", async () => {
  const dataDir = freshDir();
  const labs = await Promise.all([start(dataDir), start(dataDir), start(dataDir)]);
  expect(new Set(labs.map(({ pid }) => pid)).size).toBe(1);
});

test("a second start is told who holds the directory; kill -9 frees it", async () => {
  const dataDir = freshDir();
  const first = await start(dataDir);
  const second = runByHand(startOf(entry, dataDir));
  const notice = await second.notice;
  expect(notice).toMatchObject({ type: "failed", locked: true, failure: { kind: "conflict" } });
  const { message, hint } = (notice as { failure: { message: string; hint?: string } }).failure;
  expect(message).toContain(`pid ${first.pid}, ${first.url}, since 20`);
  expect(hint).toMatch(/lab stop/);
  expect(await second.ended).toBe(1);
  expect((await findLab(dataDir))?.pid).toBe(first.pid);

  await killHard(first.pid);
  expect(await findLab(dataDir)).toBeNull();
  const third = await start(dataDir);
  expect(third.pid).not.toBe(first.pid);
});

test("a taken port, a reachable host and an unknown host are refused in words", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(startLab(startOf(entry, freshDir(), "--port", String(port)))).rejects.toMatchObject({
    failure: { kind: "conflict", message: `port ${port} of 127.0.0.1 is taken` },
  });
  taken.close();
  await expect(startLab(startOf(entry, freshDir(), "--host", "0.0.0.0"))).rejects.toMatchObject({
    failure: { kind: "invalid", message: expect.stringContaining("--host 0.0.0.0") as string },
  });
  await expect(startLab(startOf(entry, freshDir(), "--host", "203.0.113.7", "--insecure"))).rejects.toMatchObject({
    failure: { message: "203.0.113.7 is no address of this machine" },
  });
});

test("with consent it listens everywhere", async () => {
  const lab = await start(freshDir(), "--host", "0.0.0.0", "--insecure");
  expect(lab.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
});

test("a fault nobody caught is logged and ends the lab; the next start works", async () => {
  const dataDir = freshDir();
  const faulty = runByHand(startOf(entry, dataDir, "--fault"));
  expect(await faulty.notice).toMatchObject({ type: "ready" });
  expect(await faulty.ended).toBe(1);
  expect(readFileSync(labFiles(dataDir).log, "utf8")).toMatch(/error unhandled rejection.*a fault of the test/);
  await start(dataDir);
});

test("stop is quick and clean with a log stream and a Convex client attached", async () => {
  const dataDir = freshDir();
  const lab = await start(dataDir);
  const headers = { authorization: `Bearer ${lab.token}`, "content-type": "application/json" };
  await fetch(`${lab.url}/v1/pods?labId=local`, { headers });
  const draft = { labId: "local", title: "waits", config: { command: "true", slots: 1000 } };
  const created = await fetch(`${lab.url}/v1/experiments`, { method: "POST", headers, body: JSON.stringify(draft) });
  expect(created.status).toBe(201);

  const streamed = new Promise<number | undefined>((resolve) => {
    const url = `${lab.url}/v1/experiments/EXP-001/logs`;
    request(url, { headers: { ...headers, accept: "text/event-stream" } }, (response) =>
      resolve(response.statusCode),
    ).end();
  });
  expect(await streamed).toBe(200);
  const convex = new ConvexClient(lab.url, { logger: false });
  try {
    convex.setAuth(async () => lab.token);
    const seen = vi.fn();
    convex.onUpdate(makeFunctionReference<"query">("experiments:list"), {}, seen, () => undefined);
    await vi.waitFor(() => expect(seen.mock.calls[0]?.[0]).toMatchObject([{ experimentId: "EXP-001" }]));
    expect(await stopLab(dataDir, 5000)).toBe(true);
  } finally {
    await convex.close();
  }
  expect(readFileSync(labFiles(dataDir).log, "utf8")).toMatch(/SIGTERM: stopping.*\n.* info {2}stopped\n$/);
});

test("a stale discovery file is not believed: no attach, no signal, a fresh start", async () => {
  const dataDir = freshDir();
  makePrivateDir(dataDir);
  const stranger = createServer((_, response) => {
    response.end(JSON.stringify({ status: "ok", version: "1", protocol: 1, pid: 1, runningExperiments: 0 }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => stranger.once("listening", resolve));
  const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  const files = labFiles(dataDir);
  const stale = { url, pid: process.pid, dataDir, tokenFile: files.token, version: "1", protocol: 1, startedAt: 1 };
  writeFileSync(files.discovery, JSON.stringify(stale));
  expect(await findLab(dataDir)).toBeNull();
  expect(await stopLab(dataDir)).toBe(false);
  expect((await start(dataDir)).pid).not.toBe(process.pid);
  stranger.close();
  writeFileSync(files.discovery, "{not json");
  expect(await findLab(dataDir)).toBeNull();
});

/** Stands in for a lab of another protocol: a process of its own, which ends on SIGTERM as a lab does. */
async function otherLab(dataDir: string, protocol: number, runningExperiments: number) {
  makePrivateDir(dataDir);
  const answer = { status: "ok", version: "9.9.9", protocol, runningExperiments };
  const program = `require("node:http").createServer((_, response) => {
    response.end(JSON.stringify({ ...${JSON.stringify(answer)}, pid: process.pid }));
  }).listen(0, "127.0.0.1", function () { process.stdout.write(String(this.address().port)); })`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = child.pid ?? 0;
  started.add(pid);
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const files = labFiles(dataDir);
  writeFileSync(files.token, "t");
  const url = `http://127.0.0.1:${port.toString()}`;
  const discovery = { url, pid, dataDir, tokenFile: files.token, version: "9.9.9", protocol, startedAt: 1 };
  writeFileSync(files.discovery, JSON.stringify(discovery));
  return pid;
}

test("an older lab that runs nothing is replaced by itself", async () => {
  const dataDir = freshDir();
  const old = await otherLab(dataDir, 0, 0);
  const lab = await start(dataDir);
  expect(lab.protocol).toBe(1);
  expect(isAlive(old)).toBe(false);
});

test.each([
  {
    which: "an older lab with experiments",
    protocol: 0,
    running: 3,
    message: /older/,
    hint: /3 experiments run there.*lab stop/,
  },
  { which: "a newer lab", protocol: 99, running: 0, message: /newer/, hint: /update hubify-tui/ },
])("$which is left alone, and what to do is said", async ({ protocol, running, message, hint }) => {
  const dataDir = freshDir();
  const pid = await otherLab(dataDir, protocol, running);
  const failure = await ensureLab(startOf(entry, dataDir)).catch((error: unknown) => toFailure(error));
  expect(failure).toMatchObject({
    kind: "unsupported",
    message: expect.stringMatching(message) as string,
    hint: expect.stringMatching(hint) as string,
  });
  expect(isAlive(pid)).toBe(true);
});

test("a restarted lab answers where it did before, unless somebody else is there by now", async () => {
  const dataDir = freshDir();
  const { url } = await start(dataDir);
  await stopLab(dataDir);
  const again = await start(dataDir);
  expect(again.url).toBe(url);
  await killHard(again.pid);
  const squatter = createServer().listen(Number(new URL(url).port), "127.0.0.1");
  await once(squatter, "listening");
  expect((await start(dataDir)).url).not.toBe(url);
  squatter.close();
});

test("without its token file a lab can still be located and stopped, and makes a new token at the next start", async () => {
  const dataDir = freshDir();
  const { pid, token, tokenFile } = await start(dataDir);
  rmSync(tokenFile);
  expect(await locateLab(dataDir)).toMatchObject({ pid });
  await expect(findLab(dataDir)).rejects.toMatchObject({
    failure: { kind: "auth", hint: expect.stringContaining("lab stop") as string },
  });
  expect(await stopLab(dataDir)).toBe(true);
  expect((await start(dataDir)).token).not.toBe(token);
});

test("what is wrong with its settings is told to whoever starts it, and leaves nothing behind", async () => {
  const dataDir = freshDir();
  await expect(startLab(startOf(entry, dataDir, "--bad-settings"))).rejects.toMatchObject({
    failure: { kind: "invalid", message: "config.json:3: cpuSlot" },
  });
  expect(() => statSync(labFiles(dataDir).database)).toThrow(/ENOENT/);
});

test("with consent a corrupt database is moved aside, and whoever started the lab is told where", async () => {
  const dataDir = freshDir();
  makePrivateDir(dataDir);
  const { database } = labFiles(dataDir);
  writeFileSync(database, "no database at all, but long enough to be looked at as one");
  await expect(startLab(startOf(entry, dataDir))).rejects.toMatchObject({
    failure: { hint: expect.stringContaining("--repair") as string },
  });
  const lab = await start(dataDir, "--repair");
  expect(lab.movedTo).toMatch(/lab\.db\.corrupt-/);
  expect(readFileSync(lab.movedTo ?? "", "utf8")).toMatch(/^no database/);
});
