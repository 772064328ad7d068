import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const root = mkdtempSync(join(tmpdir(), "hubify-templates-"));
const bundle = join(root, "templates.mjs");

beforeAll(async () => {
  const entry = new URL("../../../src/lab/templates/main.ts", import.meta.url).pathname;
  await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile: bundle });
});
afterAll(() => rmSync(root, { recursive: true }));

/** Starts the process as the lab does: in its run directory, with its config in a file. */
function start(args: readonly string[], config?: unknown, env: Record<string, string> = {}) {
  const runDir = mkdtempSync(join(root, "run-"));
  const file = join(runDir, "config.json");
  if (config !== undefined) writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, [bundle, ...args], {
    cwd: runDir,
    env: { ...process.env, ...env, ...(config === undefined ? {} : { HUBIFY_CONFIG: file }) },
  });
  const seen = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (seen.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (seen.err += chunk.toString()));
  return { runDir, child, seen, exit: exitOf(child) };
}

const exitOf = (child: ChildProcess) =>
  new Promise<number | string>((resolve) => child.on("close", (code, signal) => resolve(code ?? signal ?? "?")));

test("the config comes from $HUBIFY_CONFIG and the results go into the working directory", async () => {
  const { runDir, seen, exit } = start(["mcmc"], { stepsPerSecond: 0, chains: 2, maxSteps: 60, prefix: "trial" });
  expect(await exit).toBe(0);
  expect(seen.err).toBe("");
  expect(seen.out).toContain("[1 : mcmc] Finished burn-in phase: discarded 10 accepted steps.\n");
  expect(existsSync(join(runDir, "trial.2.txt"))).toBe(true);
  expect(JSON.parse(readFileSync(join(runDir, "summary.json"), "utf8"))).toMatchObject({ converged: false });
});

test("--config does the same", async () => {
  const mine = join(root, "mine.json");
  writeFileSync(mine, JSON.stringify({ areasPerSecond: 0, areas: 4 }));
  const { runDir, seen, exit } = start(["fisher-forecast", "--config", mine]);
  expect(await exit).toBe(0);
  expect(seen.out).toContain("[4/4] area");
  expect(existsSync(join(runDir, "fisher.json"))).toBe(true);
});

test("SIGTERM ends a run with a last line, code 143 and its chains on disk; lines come as they are printed", async () => {
  const { runDir, child, seen, exit } = start(["mcmc"], { stepsPerSecond: 300, outputEverySeconds: 0 });
  await vi.waitFor(() => expect(seen.out).toMatch(/and \d+ accepted\./), { timeout: 10_000 });
  expect(child.exitCode).toBeNull();
  child.kill("SIGTERM");
  expect(await exit).toBe(143);
  expect(seen.out.trimEnd().split("\n").at(-1)).toMatch(/^\[mcmc\] \*WARNING\* Stopped by SIGTERM after \d+ s/);
  expect(readFileSync(join(runDir, "bao.checkpoint"), "utf8")).toContain("converged: false");
  expect(existsSync(join(runDir, "summary.json"))).toBe(false);
});

test("a chain that was stopped goes on from its checkpoint in another directory", async () => {
  const checkpoints = join(root, "checkpoints");
  const slow = { stepsPerSecond: 200, outputEverySeconds: 0, chains: 2, maxSteps: 300 };
  const first = start(["mcmc"], slow, { HUBIFY_CHECKPOINT_DIR: checkpoints, HUBIFY_CHECKPOINT_SECONDS: "0.2" });
  const file = join(checkpoints, "bao", "checkpoint.json");
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000 });
  first.child.kill("SIGTERM");
  expect(await first.exit).toBe(143);
  const stage = () => JSON.parse(readFileSync(file, "utf8")) as { step: number; resumable: boolean };
  const { step } = stage();
  const again = { HUBIFY_CHECKPOINT_DIR: checkpoints, HUBIFY_RESUME_FROM: join(checkpoints, "bao") };
  const second = start(["mcmc"], { ...slow, stepsPerSecond: 0 }, again);
  expect(await second.exit).toBe(0);
  expect(second.seen.out).toContain(`2 chains with ${step} samples.\n`);
  expect(stage().step).toBeGreaterThan(step);
  expect(readFileSync(join(second.runDir, "bao.1.txt"), "utf8").split("\n").length).toBeGreaterThan(step / 2);
});

test("a reader that goes away ends it without a stack trace", async () => {
  const { child, seen, exit } = start(["mcmc"], { stepsPerSecond: 100, outputEverySeconds: 0 });
  await vi.waitFor(() => expect(seen.out).toContain("Sampling!"), { timeout: 10_000 });
  child.stdout.destroy();
  expect(await exit).toBe(141);
  expect(seen.err).toBe("");
});

test.each([
  [
    "an unknown name",
    ["mcmx"],
    undefined,
    /no template is called mcmx\nusage: templates <mcmc\|fisher-forecast\|anomaly-sweep>/,
  ],
  ["no name", [], undefined, /no template is called nothing\nusage/],
  ["an unknown flag", ["mcmc", "--fast"], undefined, /--fast/],
  ["a config that is not there", ["mcmc", "--config", "gone.json"], undefined, /config gone\.json: ENOENT/],
  ["a config out of range", ["mcmc"], { chains: 1 }, /config: .*chains/s],
])("%s is explained, with code 2 and nothing written", async (_, args, config, message) => {
  const { seen, exit } = start(args, config);
  expect(await exit).toBe(2);
  expect(seen.err).toMatch(message);
  expect(seen.err).not.toContain("    at ");
  expect(seen.out).toBe("");
});
