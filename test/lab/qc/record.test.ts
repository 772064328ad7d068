import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Experiment, ExperimentConfig } from "../../../src/contract/experiment.js";
import { createRecorder } from "../../../src/lab/qc/record/create-recorder.js";
import { interpreterOf } from "../../../src/lab/qc/record/environment.js";
import { gitFacts, withoutCredentials } from "../../../src/lab/qc/record/git.js";
import { createHasher } from "../../../src/lab/qc/record/hash-file.js";
import { inputFacts } from "../../../src/lab/qc/record/inputs.js";
import { readRecord } from "../../../src/lab/qc/record/record-file.js";
import { seedsIn } from "../../../src/lab/qc/record/seeds.js";
import { freshDir, writeFiles } from "./qc-fixture.js";

const hashFile = createHasher();
const sha = (text: string) => createHash("sha256").update(text).digest("hex");

function git(cwd: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  return execFileSync("git", ["-c", "user.name=n", "-c", "user.email=n@example.org", ...args], {
    cwd,
    env,
    encoding: "utf8",
  });
}

function repository(files: Record<string, string>): string {
  const dir = freshDir();
  git(dir, "init", "-q", "-b", "main");
  writeFiles(dir, files);
  git(dir, "add", ".");
  git(dir, "commit", "-q", "-m", "first");
  return dir;
}

/** A run that is about to start, in a data directory of its own. */
async function begin(config: ExperimentConfig & Record<string, unknown>, env: NodeJS.ProcessEnv = {}) {
  const dataDir = freshDir();
  const dir = join(dataDir, "run");
  writeFiles(dir, { "config.json": JSON.stringify(config), "work/.keep": "" });
  mkdirSync(join(dataDir, "scripts"));
  const said: string[] = [];
  const recorder = createRecorder({
    dataDir,
    clock: { now: () => 1000 },
    nowMs: () => performance.now(),
    env: { PATH: process.env["PATH"], ...env },
    hosts: null,
    log: (line) => void said.push(line),
  });
  const run = { config, dir, work: config.cwd ?? join(dir, "work"), remoteDir: null };
  const experiment = { experimentId: "EXP-001", template: null, podId: null } as Experiment;
  await recorder.begin(experiment, run);
  const complete = () =>
    vi.waitFor(() => {
      const record = readRecord(dir);
      expect(record?.complete).toBe(true);
      return record;
    }, 15_000);
  return { recorder, run, dir, dataDir, said, complete };
}

test("a run's record holds what is needed to do it again", async () => {
  const code = repository({ "fit.py": "print(1)\n", "requirements.txt": "numpy==2.1.0\n" });
  git(code, "remote", "add", "origin", "https://someone:secret@example.org/lab/code.git");
  writeFileSync(join(code, "fit.py"), "print(2)\n");
  const data = freshDir();
  writeFiles(data, { "a.fits": "a", "b.fits": "b", "c.txt": "c" });
  const config = { script: join(code, "fit.py"), inputs: [`${data}/*.fits`, `${data}/none`], mcmc: { seed: 7 } };
  const { complete, dir } = await begin(config, { OMP_NUM_THREADS: "4", AWS_SECRET_ACCESS_KEY: "hidden" });

  const record = await complete();
  expect(record).toMatchObject({
    script: { path: config.script, sha256: sha("print(2)\n"), reason: null },
    configSha256: sha(JSON.stringify(config)),
    git: {
      root: code,
      revision: git(code, "rev-parse", "HEAD").trim(),
      branch: "main",
      dirty: true,
      remote: "https://example.org/lab/code.git",
    },
    inputs: [
      { path: join(data, "a.fits"), sha256: sha("a") },
      { path: join(data, "b.fits"), sha256: sha("b") },
      { path: `${data}/none`, sha256: null, reason: "missing" },
    ],
    seeds: { "mcmc.seed": 7 },
    host: { name: hostname(), driver: null },
    startedAt: 1000,
    endedAt: null,
  });
  expect(record?.environment?.variables).toEqual({ OMP_NUM_THREADS: "4" });
  expect(record?.environment?.lockFiles).toMatchObject([{ sha256: sha("numpy==2.1.0\n") }]);
  expect(record?.environment?.interpreter?.version).toMatch(/^3\./);
  expect(JSON.stringify(record)).not.toMatch(/secret|hidden/);
  expect(statSync(join(dir, "reproduction.json")).mode & 0o077).toBe(0);
});

test("what changed while it ran is told at its end, once", async () => {
  const code = freshDir();
  writeFiles(code, { "fit.sh": "true\n", "in.txt": "1", "gone.txt": "2" });
  const inputs = [join(code, "in.txt"), join(code, "gone.txt")];
  const { recorder, run, complete } = await begin({ script: join(code, "fit.sh"), inputs });
  await complete();
  writeFiles(code, { "fit.sh": "false\n", "in.txt": "other" });
  rmSync(join(code, "gone.txt"));
  const ended = await recorder.end(run, { endedAt: 5000, until: null });
  expect(ended).toMatchObject({
    endedAt: 5000,
    changed: [
      `${join(code, "fit.sh")} changed while it ran`,
      `${inputs[0] ?? ""} changed while it ran`,
      `${inputs[1] ?? ""} was taken away while it ran`,
    ],
  });
  writeFiles(code, { "fit.sh": "true\n" });
  expect(await recorder.end(run, { endedAt: 9000, until: null })).toEqual(ended);
});

test("files that were copied for the run may change as they like", async () => {
  const code = freshDir();
  writeFiles(code, { "table.txt": "1" });
  const { recorder, run, complete } = await begin({ command: "true", files: [join(code, "table.txt")] });
  expect((await complete())?.inputs).toMatchObject([{ sha256: sha("1") }]);
  writeFiles(code, { "table.txt": "other" });
  expect((await recorder.end(run, { endedAt: 1, until: null }))?.changed).toEqual([]);
});

test("whoever requires the record waits for it, and no longer than it is given", async () => {
  const { recorder, run, dir } = await begin({ command: "python3 -c 1" });
  expect(readRecord(dir)?.complete).toBe(false);
  const impatient = await recorder.end(run, { endedAt: 1, until: AbortSignal.abort() });
  expect(impatient?.complete).toBe(false);
  const other = await begin({ command: "python3 -c 1" });
  const patient = await other.recorder.end(other.run, { endedAt: 1, until: new AbortController().signal });
  expect(patient?.complete).toBe(true);
});

test("a record that can't be written keeps nothing from starting", async () => {
  const { recorder, run, said } = await begin({ command: "true" });
  const experiment = { experimentId: "EXP-002", template: null, podId: null } as Experiment;
  await recorder.begin(experiment, { ...run, dir: join(run.dir, "none") });
  expect(said).toEqual([expect.stringMatching(/^EXP-002: no reproducibility record: ENOENT/)]);
});

test("a directory in no repository has no revision; one without a commit has none either", async () => {
  expect(await gitFacts(freshDir(), process.env)).toBeNull();
  const empty = freshDir();
  git(empty, "init", "-q", "-b", "main");
  expect(await gitFacts(empty, process.env)).toEqual({
    root: empty,
    revision: null,
    branch: "main",
    dirty: false,
    remote: null,
  });
});

test.each([
  ["https://user:token@host.example/a/b.git", "https://host.example/a/b.git"],
  ["https://token@host.example:8443/a.git?access_token=x", "https://host.example:8443/a.git"],
  ["ssh://git@host.example/a.git", "ssh://host.example/a.git"],
  ["git@host.example:a/b.git", "git@host.example:a/b.git"],
  ["/srv/git/a.git", "/srv/git/a.git"],
])("a remote without credentials: %s", (remote, shown) => {
  expect(withoutCredentials(remote)).toBe(shown);
});

test("a hash is always of the content", async () => {
  const file = join(freshDir(), "x");
  const when = new Date(1_700_000_000_000);
  const write = (text: string) => {
    writeFileSync(file, text);
    utimesSync(file, when, when);
  };
  write("one");
  const first = await hashFile(file);
  // Same size and the same time of modification, as a program that wants to hide it would leave it.
  write("two");
  expect([first.sha256, (await hashFile(file)).sha256]).toEqual([sha("one"), sha("two")]);
  expect(await hashFile(file, 2)).toMatchObject({ bytes: 3, sha256: null, reason: "larger than 2 bytes" });
  expect(await hashFile(freshDir())).toMatchObject({ sha256: null, reason: "a directory" });
});

test("inputs are found beside the run and in the scripts, and counted where there are too many", async () => {
  const [work, scripts] = [freshDir(), freshDir()];
  writeFiles(work, { "in/1.txt": "1" });
  writeFiles(scripts, { "in/1.txt": "other", "table.txt": "2" });
  const found = await inputFacts(["in/*.txt", "table.txt", "none*"], {
    home: "/",
    dirs: [work, scripts],
    hash: hashFile,
  });
  expect(found.inputs.map(({ path, sha256, reason }) => [path, sha256, reason])).toEqual([
    [join(work, "in/1.txt"), sha("1"), null],
    [join(scripts, "table.txt"), sha("2"), null],
    ["none*", null, "no file matches"],
  ]);
  writeFiles(work, Object.fromEntries(Array.from({ length: 1003 }, (_, index) => [`many/${index}`, ""])));
  const many = await inputFacts(["many/*"], { home: "/", dirs: [work], hash: hashFile });
  expect([many.inputs.length, many.inputsLeft]).toEqual([1000, 3]);
});

test("seeds are found wherever the config has them", () => {
  expect(
    seedsIn({ seed: 1, mcmc: { sampler: { random_seed: "x" } }, seeds: [1, 2], speed: 3, other: { seed: null } }),
  ).toEqual({
    seed: 1,
    "mcmc.sampler.random_seed": "x",
    seeds: [1, 2],
  });
});

test.each([
  [{ script: "a/fit.py" }, "python3"],
  [{ script: "fit.jl" }, "julia"],
  [{ script: "run.sh" }, null],
  [{ command: "cd x && OMP_NUM_THREADS=2 /opt/py/bin/python3.12 -m run" }, "/opt/py/bin/python3.12"],
  [{ command: "make all" }, null],
])("the interpreter of %j", (config, program) => {
  expect(interpreterOf(config)).toBe(program);
});
