import { expect, test } from "vitest";
import { levelOf } from "../../src/chain/level.js";

test.each([
  ["[mcmc] Progress @ 2026-10-02 03:12:00 : 300 steps taken, and 101 accepted.", "info"],
  ["[2 : mcmc] *WARNING* Proposal has been rejected 200 times", "warn"],
  ["[0 : mcmc] *ERROR* The chain has been stuck", "error"],
  [" 2026-11-21 22:38:14,735 [0 : mcmc] *ERROR* Waiting for too long", "error"],
  ["[1,0]<stdout>:[0 : mcmc] *WARNING* Negative covariance eigenvectors.", "warn"],
  ["DEBUG: opened table", "debug"],
  ["trace x", "debug"],
  ["[DEBUG] opened", "debug"],
  ["[2026-10-02 03:12:00] [Warning] disk at 91 %", "warn"],
  ["2026-10-02T03:12:00.123Z ERROR cannot open", "error"],
  ["03:12:00 warn retrying", "warn"],
  ["2026-10-02 03:12:00,123 - gaia.reader - CRITICAL - lost", "error"],
  ["FATAL: out of disk", "error"],
  ["\u001b[31mERROR\u001b[0m: red", "error"],
  ["Traceback (most recent call last):", "error"],
  ["ValueError: bad shape", "error"],
  ["torch.cuda.OutOfMemoryError: CUDA out of memory.", "error"],
  ["AssertionError", "error"],
  ["java.lang.IllegalStateException: no", "error"],
  ["[rank0]: Traceback (most recent call last):", "error"],
  ["no error found in 12 files", "info"],
  ["errors: 0", "info"],
  ["mean error 0.03", "info"],
  ["Warnings are off", "info"],
  ["fit to the debug sample", "info"],
  [`${"x".repeat(79)} ERROR far inside`, "info"],
  ["", "info"],
])("%s → %s", (line, level) => {
  expect(levelOf(line)).toBe(level);
});
