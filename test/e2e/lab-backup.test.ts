import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { Experiment } from "../../src/contract/experiment.js";
import { freshHome } from "./driver.js";
import { eventually, labOf, run, stopEverything } from "./lab.js";

const home = freshHome();
const other = freshHome();
afterAll(async () => {
  for (const each of [home, other]) {
    await stopEverything(each.dir);
    each.clear();
  }
});

const waiting = { timeout: 20_000, interval: 20 };
/** Numbered lines until a file `stop` stands in its directory. */
const printer = `
  const { existsSync, writeSync } = require("node:fs");
  let n = 0;
  const tick = () => {
    writeSync(1, "line " + n++ + "\\n");
    if (!existsSync("stop")) setTimeout(tick, 5);
  };
  tick();`;

async function launch(name: string): Promise<Experiment> {
  const script = join(home.dir, `${name}.js`);
  writeFileSync(script, printer);
  const config = JSON.stringify({ script, env: { NAME: name } });
  const { out } = await run(home.dir, ["experiments", "create", "--title", name, "--config", config, "--json"]);
  return Experiment.parse(JSON.parse(out));
}

async function ask(homeDir: string, path: string, init: { method?: string; body?: FormData } = {}) {
  const lab = await labOf(homeDir);
  const token = readFileSync(lab?.tokenFile ?? "", "utf8").trim();
  const response = await fetch(`${lab?.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
  });
  return { response, token };
}
const dataOf = async (homeDir: string, path: string, init: { method?: string; body?: FormData } = {}) =>
  ((await (await ask(homeDir, path, init)).response.json()) as { data: unknown }).data;

test("a lab is backed up while it works, and restored elsewhere: lists, logs and files are the same", async () => {
  const [ended, running] = [await launch("ends"), await launch("goes on")];
  const out = (row: Experiment) => join(home.dir, "data/lab/runs", row._id, "1", "out");
  for (const row of [ended, running]) {
    await vi.waitFor(() => expect(statSync(out(row)).size).toBeGreaterThan(500), waiting);
  }
  writeFileSync(join(home.dir, "data/lab/runs", ended._id, "1/work/stop"), "");
  const get = async (homeDir: string, { _id }: Experiment) =>
    Experiment.parse(JSON.parse((await run(homeDir, ["experiments", "get", _id, "--json"])).out));
  const before = await eventually(async () => {
    const row = await get(home.dir, ended);
    return row.status === "running" ? undefined : row;
  });
  const form = new FormData();
  form.append("labId", "local");
  form.append("title", "posterior");
  form.append("file", new Blob(["<svg xmlns='http://www.w3.org/2000/svg'/>"]), "a.svg");
  expect((await ask(home.dir, "/v1/figures", { method: "POST", body: form })).response.status).toBe(201);
  const figures = await dataOf(home.dir, "/v1/figures?labId=local");

  const file = join(home.dir, "lab.tar.gz");
  const made = await run(home.dir, ["lab", "backup", file, "--json"]);
  expect([made.code, made.err]).toEqual([0, ""]);
  expect(JSON.parse(made.out)).toMatchObject({ file, bytes: statSync(file).size });
  expect(readdirSync(join(home.dir, "data/lab/backups"))).toEqual([]);
  expect((await run(home.dir, ["lab", "backup", file])).code).toBe(6);

  const refused = await run(home.dir, ["lab", "restore", file, "--yes"]);
  expect([refused.code, refused.err]).toEqual([6, expect.stringContaining("in use by the lab with pid") as string]);
  expect((await run(other.dir, ["lab", "restore", file])).err).toMatch(/2 experiments.*Nobody can be asked/s);
  expect(existsSync(join(other.dir, "data/lab"))).toBe(false);

  expect(await run(other.dir, ["lab", "restore", file, "--yes"])).toMatchObject({ code: 0, err: "" });
  expect((await run(other.dir, ["lab", "start"])).code).toBe(0);
  expect(await get(other.dir, ended)).toEqual(before);
  expect((await run(other.dir, ["experiments", "logs", "--limit", "1000000", ended._id])).out).toBe(
    readFileSync(out(ended), "utf8"),
  );
  const lost = await eventually(async () => {
    const row = await get(other.dir, running);
    return row.status === "running" ? undefined : row;
  });
  expect(lost).toMatchObject({
    status: "fail",
    result: expect.stringMatching(/ran when the lab was backed up/) as string,
  });
  const { out: printed } = await run(other.dir, ["experiments", "logs", "--limit", "1000000", running._id]);
  expect(printed.split("\n").length - 1).toBe(lost.logLines);
  expect(readFileSync(out(running), "utf8").startsWith(printed)).toBe(true);
  expect(await dataOf(other.dir, "/v1/figures?labId=local")).toEqual(figures);
  // The one that goes on there was not touched.
  expect((await get(home.dir, running)).status).toBe("running");
  const tokens = [(await ask(home.dir, "/v1/labs")).token, (await ask(other.dir, "/v1/labs")).token];
  expect(tokens[0]).not.toBe(tokens[1]);
}, 120_000);

test("what was there is kept when a backup takes its place", async () => {
  const file = join(other.dir, "again.tar.gz");
  expect((await run(other.dir, ["lab", "backup", file, "--type", "checkpoint"])).code).toBe(0);
  mkdirSync(join(other.dir, "data/lab/runs/later"), { recursive: true });
  await run(other.dir, ["experiments", "create", "--title", "too much", "--config", '{"command":"true"}']);
  await run(other.dir, ["lab", "stop"]);
  const restored = await run(other.dir, ["lab", "restore", file, "--yes", "--json"]);
  const { keptAs } = JSON.parse(restored.out) as { keptAs: string };
  expect(existsSync(join(keptAs, "lab.db"))).toBe(true);
  expect(existsSync(join(other.dir, "data/lab/runs/later"))).toBe(true);
  expect((await run(other.dir, ["experiments", "list"])).out).not.toContain("too much");
}, 60_000);
