import { readFileSync } from "node:fs";
import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { ConvexError } from "convex/values";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { WebSocket as RawWebSocket } from "ws";
import type { Experiment } from "../../src/contract/experiment.js";
import type { LogEntry, LogPage } from "../../src/contract/log-entry.js";
import { freshHome } from "./driver.js";
import { labOf, run, stopEverything } from "./lab.js";

// The lab's own process, as `lab start` makes it, judged by the official client.

const home = freshHome();
const open: ConvexClient[] = [];
const lab = { url: "", pid: 0, token: "" };

async function startLab(): Promise<void> {
  await run(home.dir, ["lab", "start"]);
  const found = await labOf(home.dir);
  if (found === null) throw new Error("no lab");
  Object.assign(lab, { url: found.url, pid: found.pid, token: readFileSync(found.tokenFile, "utf8").trim() });
}
beforeAll(startLab);
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});
afterAll(async () => {
  await stopEverything(home.dir);
  home.clear();
});

const waiting = { timeout: 20_000, interval: 20 };
const query = (path: string) => makeFunctionReference<"query", Record<string, unknown>>(path);
const mutation = (path: string) => makeFunctionReference<"mutation", Record<string, unknown>>(path);

function connect(token = lab.token): { client: ConvexClient; signedIn: boolean[] } {
  const client = new ConvexClient(lab.url, { logger: false });
  const signedIn: boolean[] = [];
  client.setAuth(
    async () => token,
    (isSignedIn) => signedIn.push(isSignedIn),
  );
  open.push(client);
  return { client, signedIn };
}

function watch<T>(client: ConvexClient, path: string, args: Record<string, unknown>) {
  const values: T[] = [];
  const errors: Error[] = [];
  client.onUpdate(
    query(path),
    args,
    (value: unknown) => values.push(value as T),
    (error) => errors.push(error),
  );
  return { values, errors, last: () => values.at(-1) };
}

const create = async (client: ConvexClient, title: string, config: Record<string, unknown>) =>
  (await client.mutation(mutation("experiments:create"), { title, config })) as Experiment;

test("an experiment made by a mutation is seen, runs, and its log is watched and read page by page", async () => {
  const { client } = connect();
  const list = watch<Experiment[]>(client, "experiments:list", {});
  const { _id } = await create(client, "live", {
    command: "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done",
  });
  // The promise of a mutation resolves when its effect is visible.
  expect(list.last()?.map(({ title }) => title)).toContain("live");
  const tail = watch<LogEntry[]>(client, "experimentLogs:list", { experimentId: _id, limit: 50 });
  await vi.waitFor(() => expect(list.last()?.find((row) => row._id === _id)?.status).toBe("pass"), waiting);
  await vi.waitFor(() => expect(tail.last()?.at(-1)?.message).toBe("line 299"), waiting);
  expect(tail.last()).toHaveLength(50);
  const page = (await client.query(query("experimentLogs:since"), {
    experimentId: _id,
    after: 9,
    limit: 100,
  })) as LogPage;
  expect(page.rows.map(({ message }) => message)).toEqual(Array.from({ length: 100 }, (_, n) => `line ${n + 10}`));
  expect(page).toMatchObject({ next: 109, more: true });
});

test("5,000 long lines come whole, in chunks", async () => {
  const { client } = connect();
  const program = "for (let n = 0; n < 5000; n++) console.log(String(n).padEnd(3000, 'x'))";
  const { _id } = await create(client, "long lines", { command: `'${process.execPath}' -e "${program}"` });
  const row = watch<Experiment>(client, "experiments:get", { experimentId: _id });
  await vi.waitFor(() => expect(row.last()).toMatchObject({ status: "pass", logLines: 5000 }), waiting);
  const { rows } = (await client.query(query("experimentLogs:since"), {
    experimentId: _id,
    after: -1,
    limit: 5000,
  })) as LogPage;
  expect(rows).toHaveLength(5000);
  expect(rows.every(({ message }, n) => message === String(n).padEnd(3000, "x"))).toBe(true);
});

test("after kill -9 and a new start the same client goes on by itself; what was asked meanwhile happens once", async () => {
  const { client } = connect();
  const list = watch<Experiment[]>(client, "experiments:list", {});
  await create(client, "before", { command: "true" });
  process.kill(lab.pid, "SIGKILL");
  await vi.waitFor(() => expect(client.connectionState().isWebSocketConnected).toBe(false), waiting);
  const asked = create(client, "while down", { command: "true" });
  const { url } = lab;
  await startLab();
  expect(lab.url).toBe(url);
  const { _id } = await asked;
  await vi.waitFor(() => expect(list.last()?.some((row) => row._id === _id)).toBe(true), waiting);
  const titles = list.last()?.map(({ title }) => title) ?? [];
  expect(titles.filter((title) => title === "while down")).toHaveLength(1);
  expect(titles).toContain("before");
});

test("a wrong token is refused, and its owner goes on as nobody, who sees nothing", async () => {
  const { client, signedIn } = connect("hubify_lab_of_somebody_else");
  const list = watch(client, "experiments:list", {});
  await vi.waitFor(() => expect(signedIn).toEqual([false]), waiting);
  await vi.waitFor(() => expect(list.errors[0]).toBeInstanceOf(ConvexError), waiting);
  expect(list.errors[0]).toMatchObject({ data: { code: "unauthorized" } });
  expect(list.values).toEqual([]);
});

test("whatever comes over a socket, the lab lives on", async () => {
  for (const frame of [
    "",
    "{",
    '{"type":"Connect"}',
    '{"type":"Nonsense"}',
    Buffer.alloc(1024, 0xff),
    "[".repeat(9e4),
  ]) {
    const socket = new RawWebSocket(`${lab.url.replace("http", "ws")}/api/1.48.0/sync`);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.once("open", () => socket.send(frame));
    socket.once("error", () => undefined);
    await closed;
  }
  const health = (await (await fetch(`${lab.url}/v1/health`)).json()) as { pid: number };
  expect(health.pid).toBe(lab.pid);
});
