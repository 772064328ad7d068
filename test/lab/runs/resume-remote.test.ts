import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeSshd, sshdMissing, startSshd } from "../../fakes/sshd.js";
import { openRemoteLab, podId } from "./remote-fixture.js";
import { ended, freshDir } from "./runs-fixture.js";

describe.skipIf(sshdMissing !== null)("going on from something on a pod", () => {
  let sshd: FakeSshd;
  beforeAll(async () => {
    sshd = await startSshd({ env: { PATH: process.env["PATH"] ?? "" } });
  });
  afterAll(() => sshd.close());

  test("a checkpoint that came home is sent to the pod again, and a child gets its parent's outputs", async () => {
    const dataDir = freshDir();
    const lab = await openRemoteLab(dataDir, sshd);
    try {
      const command =
        'if [ -n "$HUBIFY_RESUME_FROM" ]; then cp "$HUBIFY_RESUME_FROM" went-on.txt; else echo half > "$HUBIFY_CHECKPOINT_DIR/a.ckpt"; exit 1; fi';
      const { _id } = await lab.run({ command, checkpoint: {} });
      await lab.until(_id, ended);
      expect(await lab.checkpoints.list(_id)).toMatchObject([
        { id: "1/checkpoints/a.ckpt", type: "file", sizeBytes: 5 },
      ]);
      await lab.checkpoints.resume(_id);
      const claimed = await lab.services.experiments.claim(_id, podId);
      if (claimed !== undefined) await lab.runs.launch(claimed);
      expect(await lab.until(_id, ended)).toMatchObject({ status: "pass", attempt: 2 });
      expect(readFileSync(join(dataDir, "runs", _id, "2", "work", "went-on.txt"), "utf8")).toBe("half\n");

      const child = await lab.run({ command: 'cp "$HUBIFY_PARENT_DIR/went-on.txt" mine.txt' }, { parent: _id });
      expect(await lab.until(child._id, ended)).toMatchObject({ status: "pass" });
      expect(readFileSync(join(dataDir, "runs", child._id, "1", "work", "mine.txt"), "utf8")).toBe("half\n");
    } finally {
      await lab.closeAll();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 60_000);
});
