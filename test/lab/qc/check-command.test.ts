import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { processStart } from "../../../src/lab/executors/local-process.js";
import { runCheck } from "../../../src/lab/qc/check-command.js";
import { freshDir } from "./qc-fixture.js";

const run = (command: string, more: { cwd?: string; timeoutMs?: number; signal?: AbortSignal } = {}) =>
  runCheck({ command, cwd: freshDir(), env: process.env, timeoutMs: 10_000, ...more });

test("output is kept from its end, whatever there is of it", async () => {
  const { ok, output, reason } = await run("seq 1 100000; echo the end");
  expect(ok).toBe(true);
  expect(reason).toBe("the end");
  expect(output).toHaveLength(4096);
  expect(output).toMatch(/100000\nthe end\n$/);
});

test("a command that takes too long is ended with everything it started", async () => {
  const cwd = freshDir();
  const { ok, reason, code } = await run("sh -c 'echo $$ > child; exec sleep 60' & echo waits; wait", {
    cwd,
    timeoutMs: 300,
  });
  expect({ ok, reason, code }).toEqual({ ok: false, reason: "no answer within 0 s", code: null });
  await gone(cwd);
});

test("what it left behind in its group is ended too", async () => {
  const cwd = freshDir();
  const { ok } = await run("sh -c 'echo $$ > child; exec sleep 60' & until [ -s child ]; do :; done", { cwd });
  expect(ok).toBe(true);
  await gone(cwd);
});

test("a lab that stops ends it, also one that has stopped already", async () => {
  const { ok, reason } = await run("sleep 60", { signal: AbortSignal.abort() });
  expect({ ok, reason }).toEqual({ ok: false, reason: "the lab stops" });
});

test("a directory that is gone is a reason, no exception", async () => {
  const { ok, code } = await run("true", { cwd: join(freshDir(), "none") });
  expect({ ok, code }).toEqual({ ok: false, code: null });
});

/** Only if the child had come up there is something to be gone. */
async function gone(cwd: string): Promise<void> {
  const file = join(cwd, "child");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8"));
  await vi.waitFor(() => expect(processStart(pid)).toBeNull());
}
