import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesToSend } from "../../../src/lab/runs/local-command.js";

const root = mkdtempSync(join(tmpdir(), "hubify-files-"));
const dataDir = join(root, "lab");
const scriptsDir = join(dataDir, "scripts");
for (const folder of [join(scriptsDir, "deep"), join(dataDir, "runs", "other", "1")])
  mkdirSync(folder, { recursive: true });
for (const file of ["lab/token", "lab/lab.db", "lab/scripts/deep/run.py", "lab/runs/other/1/out", "data.csv"]) {
  writeFileSync(join(root, file), "x");
}
symlinkSync(join(dataDir, "token"), join(scriptsDir, "harmless.txt"));
symlinkSync(join(root, "data.csv"), join(scriptsDir, "data.csv"));

test("a run gets scripts of the lab and files from outside its data", () => {
  expect(filesToSend({ files: ["deep/run.py", "data.csv", join(root, "data.csv")] }, scriptsDir)).toEqual([
    { file: join(scriptsDir, "deep/run.py"), name: "deep/run.py" },
    { file: join(scriptsDir, "data.csv"), name: "data.csv" },
    { file: join(root, "data.csv"), name: "data.csv" },
  ]);
  expect(filesToSend({ files: ["gone.csv"] }, scriptsDir)).toMatch(/^file missing: gone.csv/);
});

test.each(["../token", "harmless.txt", "../runs/other/1/out", join(dataDir, "lab.db")])(
  "%s goes into no run: it is the lab's own",
  (file) => {
    expect(filesToSend({ files: [file] }, scriptsDir)).toMatch(/ is the lab's own; of its data directory a run gets /);
  },
);
