import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Experiment } from "../../src/contract/experiment.js";
import { freshHome } from "./driver.js";
import { eventually, labOf, run, stopEverything } from "./lab.js";

const home = freshHome();
beforeAll(async () => {
  expect(await run(home.dir, ["lab", "start"])).toMatchObject({ code: 0, err: "" });
});
afterAll(async () => {
  await stopEverything(home.dir);
  home.clear();
});

const created = async (args: readonly string[]) => {
  const answer = await run(home.dir, ["experiments", "create", "--json", ...args]);
  if (answer.code !== 0) throw new Error(answer.err);
  return Experiment.parse(JSON.parse(answer.out));
};
const reaches = (id: string, statuses: readonly string[]) =>
  eventually(async () => {
    const row = Experiment.parse(JSON.parse((await run(home.dir, ["experiments", "get", id, "--json"])).out));
    return statuses.includes(row.status) ? row : undefined;
  });
const ended = (id: string) => reaches(id, ["pass", "fail"]);

test("without a terminal it prints a report and exits with 0", async () => {
  const answer = await run(home.dir, []);
  expect(answer).toMatchObject({ code: 0, err: "" });
  expect(answer.out).toMatch(/POD +KIND +STATUS/);
});

test("lab status tells url, pid, data directory, token file and version; the token is the owner's alone", async () => {
  const lab = await labOf(home.dir);
  expect(lab?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(statSync(lab?.tokenFile ?? "").mode & 0o777).toBe(0o600);
});

test("the lab wants the token, and its answers have the documented envelope", async () => {
  const lab = await labOf(home.dir);
  const answer = await fetch(`${lab?.url}/v1/experiments`);
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ error: { code: "unauthorized", status: 401 } });
});

test("an experiment goes through its life: created, logged, passed, listed", async () => {
  const row = await created(["--title", "hello", "--config", '{"command":"echo one; echo two; echo WARNING three"}']);
  const done = await ended(row.experimentId);
  expect(done).toMatchObject({ status: "pass", exitCode: 0, logLines: 3 });
  const logs = await run(home.dir, ["experiments", "logs", row.experimentId]);
  expect(logs.out.split("\n").filter(Boolean)).toEqual(["one", "two", "WARNING three"]);
  const warnings = await run(home.dir, ["experiments", "logs", row.experimentId, "--level", "warn", "--json"]);
  expect(JSON.parse(warnings.out)).toMatchObject({ level: "warn", message: "WARNING three", seq: 2 });
  const listed = await run(home.dir, ["experiments", "list", "--status", "pass", "--json"]);
  expect(JSON.parse(listed.out)).toMatchObject({ rows: [{ experimentId: row.experimentId }] });
});

test("logs -f prints every line of a fast run and ends with it", async () => {
  const command = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done";
  const row = await created(["--title", "fast", "--config", JSON.stringify({ command })]);
  const followed = await run(home.dir, ["experiments", "logs", "-f", "--limit", "100000", row.experimentId]);
  expect(followed.code).toBe(0);
  const lines = followed.out.split("\n").filter(Boolean);
  expect(lines).toHaveLength(20_000);
  expect(lines.every((line, index) => line === `line ${index}`)).toBe(true);
});

test("a config from a file, and a failing run says why", async () => {
  writeFileSync(join(home.dir, "config.json.txt"), '{"command":"echo oops >&2; exit 7"}');
  const row = await created(["--title", "fails", "--config", `@${join(home.dir, "config.json.txt")}`]);
  expect(await ended(row.experimentId)).toMatchObject({ status: "fail", exitCode: 7 });
});

test("cancel stops the processes", async () => {
  const row = await created(["--title", "long", "--config", '{"command":"sleep 600"}']);
  await reaches(row._id, ["running"]);
  expect(await run(home.dir, ["experiments", "cancel", row.experimentId])).toMatchObject({ code: 0 });
  expect(await ended(row._id)).toMatchObject({ status: "fail" });
});

test.each([
  [["experiments", "create", "--title", "x", "--config", "{nope"], 2, /--config/],
  [["experiments", "create", "--title", "x", "--template", "mcmmc"], 2, /mcmc/],
  [["experiments", "get", "EXP-999"], 5, /EXP-999/],
  [["experimints"], 2, /Did you mean experiments/i],
  [["--them", "dark"], 2, /Did you mean --theme/i],
])("%j is refused with exit code %d and a word of help", async (args, code, words) => {
  const answer = await run(home.dir, args);
  expect(answer.code).toBe(code);
  expect(answer.err).toMatch(words);
});

test("--version and --help answer without a lab", async () => {
  expect((await run(home.dir, ["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await run(home.dir, ["--help"]);
  expect(help.code).toBe(0);
  expect(help.out).toContain("Exit codes: 0 ok");
});
