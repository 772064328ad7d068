import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { readRecord } from "../../../src/lab/qc/record/record-file.js";
import { type FakeSshd, sshdMissing, startSshd } from "../../fakes/sshd.js";
import { openRemoteLab, type RemoteLab } from "../runs/remote-fixture.js";
import { ended, freshDir } from "../runs/runs-fixture.js";

const sha = (text: string) => createHash("sha256").update(text).digest("hex");

describe.skipIf(sshdMissing !== null)("the record of a run on a pod", () => {
  let sshd: FakeSshd;
  let lab: RemoteLab | null = null;
  let dataDir = "";

  beforeAll(async () => {
    sshd = await startSshd({ env: { PATH: process.env["PATH"] ?? "" } });
  });
  afterAll(() => sshd.close());
  afterEach(async () => {
    await lab?.closeAll();
    lab = null;
    rmSync(dataDir, { recursive: true, force: true });
  });

  test("has what is known here and what the pod tells cheaply; what nobody knows is null", async () => {
    dataDir = freshDir();
    lab = await openRemoteLab(dataDir, sshd);
    const there = freshDir();
    writeFileSync(join(there, "sky.fits"), "photons");
    mkdirSync(join(dataDir, "scripts"), { recursive: true });
    writeFileSync(join(dataDir, "scripts", "fit.sh"), "echo fits\n");
    const config = {
      script: "fit.sh",
      inputs: [join(there, "sky.fits"), join(there, "none"), join(there, "*.fits")],
      seed: 11,
      qc: { require: ["host", "script", "seeds", "inputs"] },
    };
    const { _id } = await lab.run(config);
    const done = await lab.until(_id, ended);
    expect(done.result).toBe(`fail: 2 inputs without a hash: ${join(there, "none")} (missing)`);

    const record = await vi.waitFor(() => {
      const read = readRecord(join(dataDir, "runs", _id, "1"));
      expect(read?.complete).toBe(true);
      return read;
    });
    expect(record).toMatchObject({
      script: { path: join(dataDir, "scripts", "fit.sh"), sha256: sha("echo fits\n") },
      git: null,
      environment: null,
      seeds: { seed: 11 },
      inputs: [
        { path: join(there, "sky.fits"), bytes: 7, sha256: sha("photons") },
        { sha256: null, reason: "missing" },
        { sha256: null, reason: "patterns are not read on other machines" },
      ],
      host: { name: "pod-x", kernel: "Linux", cpu: null, cpus: null },
      changed: [],
    });
    expect(record?.host?.memoryBytes).toBeGreaterThan(0);
    expect(record?.endedAt).not.toBeNull();
  });

  test("a script that is only there is hashed there", async () => {
    dataDir = freshDir();
    lab = await openRemoteLab(dataDir, sshd);
    const there = freshDir();
    writeFileSync(join(there, "only-there.sh"), "echo there\n");
    const { _id } = await lab.run({ script: "only-there.sh", cwd: there, qc: { require: ["script"] } });
    expect((await lab.until(_id, ended)).result).toBe("pass: 2 checks");
    expect(readRecord(join(dataDir, "runs", _id, "1"))?.script).toMatchObject({ sha256: sha("echo there\n") });
  });
});
