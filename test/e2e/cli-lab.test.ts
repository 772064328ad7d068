import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshHome } from "./driver.js";
import { eventually, run, stopEverything } from "./lab.js";

const home = freshHome();
const dir = mkdtempSync(join(tmpdir(), "hubify-cli-"));
beforeAll(async () => {
  expect(await run(home.dir, ["lab", "start"])).toMatchObject({ code: 0, err: "" });
});
afterAll(async () => {
  await stopEverything(home.dir);
  home.clear();
});

/** What a command that succeeds prints. */
async function out(...args: string[]): Promise<string> {
  const answer = await run(home.dir, args);
  if (answer.code !== 0) throw new Error(`${args.join(" ")}: ${answer.err}`);
  return answer.out;
}
const json = async <T>(...args: string[]) => JSON.parse(await out(...args, "--json")) as T;

test("a batch in a paused queue begins when the queue goes on, and is judged, searched and told of", async () => {
  await out("queues", "create", "nightly", "--paused", "--concurrency", "2");
  const config = JSON.stringify({ command: "echo step=1 loss=0.5" });
  const sweep = ["--title", "sweep", "--grid", "seed=1..2", "--grid", "steps=10,20", "--queue", "nightly"];
  const { id } = await json<{ id: string }>("batches", "create", ...sweep, "--config", config);
  expect(await out("queues")).toMatch(/^nightly +paused +1 +2 +0 +4 +0/m);

  await out("queues", "resume", "nightly");
  const done = await eventually(async () => {
    const text = await out("batches", "get", id);
    return /100 % .* 4 +0 +seed×2 steps×2/.test(text) ? text : undefined;
  });
  expect(done).toMatch(/^EXP-001 +pass +1 +10 +0\.5 +100 %/m);

  expect(await out("experiments", "qc", "EXP-001")).toMatch(/^EXP-001 attempt 1: pass, score 100/);
  expect(await out("experiments", "statuses", "EXP-001")).toMatch(/running +pass +1 +lab/);
  expect(await out("search", "sweep")).toMatch(/^experiments +EXP-001 +pass +sweep/m);
  expect(await out("activity", "--event", "experiment.completed")).toContain("EXP-004 passed");
});

test("files and figures come back as they were sent", async () => {
  const file = join(dir, "data.csv");
  writeFileSync(file, "l,Cl\n2,1016.7\n");
  await out("files", "upload", file, "/planck/");
  expect(await out("files", "list", "--path", "/planck")).toMatch(/^\/planck\/data\.csv +14 bytes/m);
  await out("files", "download", "/planck/data.csv", "-o", join(dir, "back.csv"));
  expect(readFileSync(join(dir, "back.csv"), "utf8")).toBe("l,Cl\n2,1016.7\n");
  expect((await run(home.dir, ["figures", "upload", file])).err).toContain("must be a PNG, JPG, SVG, PDF or WebP");
});

test("a picture that a run leaves is a figure of the lab, byte for byte, and stays when the experiment is deleted", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"><rect width="3" height="2"/></svg>';
  const config = JSON.stringify({ command: `printf '%s' '${svg}' > posterior.svg; echo not a picture > notes.txt` });
  const { _id, experimentId } = await json<{ _id: string; experimentId: string }>(
    ...["experiments", "create", "--title", "draws", "--config", config],
  );
  interface Found {
    readonly id: string;
    readonly fileName: string;
    readonly source: string;
    readonly attempt: number;
    readonly experimentId: string;
  }
  const listed = async () => {
    const { rows } = await json<{ rows: Found[] }>("figures", "list");
    return rows.filter(({ source }) => source === "run");
  };
  const [figure, ...others] = await eventually(async () => {
    const found = await listed();
    return found.length > 0 ? found : undefined;
  });
  expect(others).toEqual([]);
  expect(figure).toMatchObject({ fileName: "posterior.svg", attempt: 1 });
  expect([_id, experimentId]).toContain(figure?.experimentId);
  await out("figures", "download", figure?.id ?? "", "-o", join(dir, "back.svg"));
  expect(readFileSync(join(dir, "back.svg"), "utf8")).toBe(svg);

  await eventually(async () => ((await out("experiments", "get", experimentId)).includes("pass") ? true : undefined));
  await out("experiments", "delete", experimentId, "--yes");
  expect((await listed()).map(({ fileName }) => fileName)).toEqual(["posterior.svg"]);
});

test("each lab of a server has its own EXP-001, and --lab says whose is meant", async () => {
  await out("labs", "create", "Other", "--slug", "other");
  const config = JSON.stringify({ command: "echo from the other lab" });
  await out("--lab", "other", "experiments", "create", "--title", "theirs", "--config", config);
  await out("--lab", "other", "experiments", "logs", "-f", "EXP-001");
  expect(await out("--lab", "other", "experiments", "logs", "EXP-001")).toBe("from the other lab\n");
  expect(await out("experiments", "logs", "EXP-001")).toBe("step=1 loss=0.5\n");
  expect(await run(home.dir, ["--lab", "other", "experiments", "get", "EXP-004"])).toMatchObject({ code: 5 });
  expect(await run(home.dir, ["labs", "delete", "other"])).toMatchObject({ code: 2 });
  await out("labs", "delete", "other", "--yes");
  expect(await out("labs")).not.toContain("other");
});

test.each([
  [["experiments", "resume", "EXP-001"], 6, /checkpoint/],
  [["queues", "delete", "default", "--yes"], 6, /paused, not deleted/],
  [["templates", "delete", "mcmc", "--yes"], 6, /built in/],
  [["webhooks", "create", "http://127.0.0.1:9/", "--event", "*"], 2, /private address/],
  [["tasks", "move", "T-001", "done"], 5, /T-001/],
  [["--runpod", "queues"], 2, /leave --runpod out/],
])("%j is refused with exit code %d and what to do", async (args, code, words) => {
  const answer = await run(home.dir, args);
  expect(answer).toMatchObject({ code, out: "" });
  expect(answer.err).toMatch(words);
});
