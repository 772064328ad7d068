import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExperimentConfig } from "../../../src/contract/experiment.js";
import type { QcCheck, QcConfig, Reproduction } from "../../../src/contract/qc.js";
import type { CheckEnd } from "../../../src/lab/qc/check-command.js";
import { passGate } from "../../../src/lab/qc/gate.js";
import type { GateInput } from "../../../src/lab/qc/gather.js";

export const freshDir = () => mkdtempSync(join(tmpdir(), "hubify-qc-"));

export function writeFiles(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}

export interface Judged {
  readonly qc?: QcConfig;
  readonly config?: ExperimentConfig;
  readonly files?: Readonly<Record<string, string>>;
  readonly more?: Partial<GateInput>;
}

/** Judges a run that ended a second after it started, with these files in its directory. */
export async function judge({ qc = {}, config = {}, files = {}, more = {} }: Judged) {
  const work = freshDir();
  writeFiles(work, files);
  const verdict = await passGate(
    {
      exitCode: 0,
      config: { ...config, qc },
      work,
      ownWork: work,
      startedAt: Date.now() - 1000,
      printed: {},
      ...more,
    },
    async (): Promise<CheckEnd> => ({ ok: true, reason: "fine", code: 0, output: "fine\n" }),
  );
  const failed = verdict.checks.filter(({ ok, severity }) => !ok && severity !== "warning");
  const warnings = verdict.checks.filter(({ ok, severity }) => !ok && severity === "warning");
  const reasons = (checks: readonly QcCheck[]) => checks.map(({ reason }) => reason);
  return { ...verdict, failed: reasons(failed), warnings: reasons(warnings) };
}

export const record: Reproduction = {
  capturedAt: 1,
  complete: true,
  script: { path: "/code/fit.py", bytes: 10, modifiedAt: 1, sha256: "aa", reason: null },
  template: null,
  configSha256: "bb",
  git: {
    root: "/code",
    revision: "c".repeat(40),
    branch: "main",
    dirty: false,
    remote: "https://example.org/code.git",
  },
  inputs: [{ path: "/data/sky.fits", bytes: 4, modifiedAt: 1, sha256: "dd", reason: null }],
  inputsLeft: 0,
  environment: {
    interpreter: { program: "python3", version: "3.13.1" },
    packages: ["numpy==2.1.0"],
    lockFiles: [],
    variables: {},
  },
  seeds: { seed: 7 },
  host: { name: "here", kernel: null, arch: null, cpu: "a CPU", cpus: 2, memoryBytes: 1, gpus: [], driver: null },
  startedAt: 1,
  endedAt: 2,
  changed: [],
};
