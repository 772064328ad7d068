import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Experiment } from "../../src/contract/experiment.js";
import { freshHome } from "./driver.js";
import { eventually, run, start, stopEverything } from "./lab.js";

const home = freshHome();
beforeAll(async () => {
  expect(await run(home.dir, ["lab", "start"])).toMatchObject({ code: 0, err: "" });
});
afterAll(async () => {
  await stopEverything(home.dir);
  home.clear();
});

async function launch(command: string): Promise<string> {
  const config = JSON.stringify({ command });
  const { out } = await run(home.dir, ["experiments", "create", "--title", "x", "--config", config, "--json"]);
  return Experiment.parse(JSON.parse(out)).experimentId;
}

const bundle = new URL("../../bin/hubify-tui.js", import.meta.url).pathname;

test.each([
  ["experiments logs -f --limit 1000000 ID", "line 0\n"],
  ["experiments list", "ID "],
  ["lab logs", "20"],
])("`%s | head -1` ends quietly", async (command, begins) => {
  const id = await launch("i=0; while [ $i -lt 50000 ]; do echo line $i; i=$((i+1)); done");
  const env = { PATH: process.env["PATH"] ?? "", HUBIFY_TUI_HOME: home.dir };
  const line = `'${process.execPath}' '${bundle}' ${command.replace("ID", id)} | head -1`;
  const shell = spawn("sh", ["-c", line], { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  shell.stdout.on("data", (data: Buffer) => (out += data.toString()));
  shell.stderr.on("data", (data: Buffer) => (err += data.toString()));
  await once(shell, "close");
  expect(out.startsWith(begins)).toBe(true);
  expect(out.trimEnd().split("\n")).toHaveLength(1);
  expect(err).toBe("");
});

test("Ctrl-C ends -f with 0; the run goes on", async () => {
  const id = await launch("echo hello; sleep 30");
  const follower = start(home.dir, ["experiments", "logs", "-f", id]);
  let out = "";
  follower.stdout?.on("data", (data: Buffer) => (out += data.toString()));
  await vi.waitFor(() => expect(out).toBe("hello\n"), { timeout: 10_000 });
  follower.kill("SIGINT");
  expect(await once(follower, "close")).toEqual([0, null]);
  const row = Experiment.parse(JSON.parse((await run(home.dir, ["experiments", "get", id, "--json"])).out));
  expect(row.status).toBe("running");
});

test("Ctrl-C ends a command that waits for an answer, with 130", async () => {
  // A port that takes connections and never answers stands in for a lab that hangs.
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const asked = once(silent, "connection");
  const other = freshHome();
  const dir = `${other.dir}/data/lab`;
  mkdirSync(dir, { recursive: true });
  const { port } = silent.address() as { port: number };
  const discovery = { url: `http://127.0.0.1:${port}`, pid: 1, dataDir: dir, tokenFile: "", version: "", protocol: 1 };
  writeFileSync(`${dir}/lab.json`, JSON.stringify({ ...discovery, startedAt: 1 }));
  const child = start(other.dir, ["lab", "status"]);
  await asked;
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
  silent.close();
  other.clear();
});

test("-f goes on over a restart of the lab, without a line lost or repeated", async () => {
  const id = await launch(
    "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ $((i % 30)) = 0 ] && sleep 0.05; done",
  );
  const follower = start(home.dir, ["experiments", "logs", "-f", "--limit", "1000000", id]);
  let out = "";
  follower.stdout?.on("data", (data: Buffer) => (out += data.toString()));
  const closed = once(follower, "close");
  await vi.waitFor(() => expect(out).toContain("line 100\n"), { timeout: 10_000 });
  await run(home.dir, ["lab", "stop"]);
  await run(home.dir, ["lab", "start"]);
  expect(await closed).toEqual([0, null]);
  expect(out).toBe(Array.from({ length: 3000 }, (_, n) => `line ${n}\n`).join(""));
}, 60_000);

test("a lab that runs elsewhere is not moved by --port", async () => {
  const answer = await run(home.dir, ["lab", "start", "--port", "1"]);
  expect(answer).toMatchObject({ code: 6, out: "" });
  expect(answer.err).toMatch(/runs already, at http.*not on port 1/);
});

test("lab stop --json says whether one ran", async () => {
  expect(JSON.parse((await run(home.dir, ["lab", "stop", "--json"])).out)).toEqual({ stopped: true });
  expect(JSON.parse((await run(home.dir, ["lab", "stop", "--json"])).out)).toEqual({ stopped: false });
  await eventually(async () => ((await run(home.dir, ["lab", "start"])).code === 0 ? true : undefined));
});
