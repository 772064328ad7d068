import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ended, freshDir, openLab } from "./runs-fixture.js";

/** Counts to 6, one step a line, and dies after 3 steps of its own; goes on from where its checkpoint says. */
const counter = `
step=0
[ -n "$HUBIFY_RESUME_FROM" ] && step=$(sed 's/.*"step":\\([0-9]*\\).*/\\1/' "$HUBIFY_RESUME_FROM")
echo "attempt $HUBIFY_ATTEMPT begins at $step"
done=0
while [ $step -lt 6 ]; do
  step=$((step + 1)); done=$((done + 1))
  echo "{\\"step\\":$step,\\"total_steps\\":6,\\"step_name\\":\\"counting\\",\\"resumable\\":true}" > "$HUBIFY_CHECKPOINT_DIR/.tmp"
  mv "$HUBIFY_CHECKPOINT_DIR/.tmp" "$HUBIFY_CHECKPOINT_DIR/count.json"
  [ $done -ge 3 ] && [ $step -lt 6 ] && exit 1
done
echo "counted to $step" > result.txt
`;

function withScript(): string {
  const dataDir = freshDir();
  mkdirSync(join(dataDir, "scripts"), { recursive: true });
  writeFileSync(join(dataDir, "scripts", "count.sh"), counter);
  return dataDir;
}

const workOf = (dataDir: string, id: string, attempt: number) => join(dataDir, "runs", id, String(attempt), "work");

test("resume: the next attempt goes on from the checkpoint that the failed one left", async () => {
  const dataDir = withScript();
  const lab = await openLab(dataDir);
  const { _id } = await lab.create({ script: "count.sh", checkpoint: {} });
  await lab.until(_id, ended);
  const [checkpoint] = await lab.checkpoints.list(_id);
  expect(checkpoint).toMatchObject({
    id: "1/checkpoints/count.json",
    step: 3,
    totalSteps: 6,
    progress: 0.5,
    stepName: "counting",
  });
  await expect(lab.checkpoints.resume(_id, "other.json")).rejects.toMatchObject({
    code: "conflict",
    message: "checkpoint: EXP-001 has no other.json; the newest are 1/checkpoints/count.json",
  });
  expect(await lab.checkpoints.resume(_id)).toMatchObject({ resumeFrom: "1/checkpoints/count.json" });
  const second = await lab.until(_id, ({ attempt, status }) => attempt === 2 && status !== "running");
  expect(second).toMatchObject({ status: "pass", resumeFrom: null });
  expect(readFileSync(join(workOf(dataDir, _id, 2), "result.txt"), "utf8")).toBe("counted to 6\n");
  // What the first attempt left is as it was.
  expect(readFileSync(join(workOf(dataDir, _id, 1), "checkpoints/count.json"), "utf8")).toContain('"step":3');
  const attempts = await lab.services.experiments.attempts(_id);
  expect(attempts.map(({ attempt, resumedFrom, status }) => [attempt, resumedFrom, status])).toEqual([
    [2, "1/checkpoints/count.json", "pass"],
    [1, null, "fail"],
  ]);
  await expect(lab.checkpoints.resume(_id)).rejects.toThrow("EXP-001 has passed: there is nothing to resume");
  await lab.close();
});

test("a retry goes on from the newest checkpoint by itself", async () => {
  const dataDir = withScript();
  const lab = await openLab(dataDir);
  const { _id } = await lab.create({
    script: "count.sh",
    checkpoint: { path: "saved/here" },
    retry: { maxAttempts: 2, backoffSeconds: 0 },
  });
  const passed = await lab.until(_id, ended);
  expect(passed).toMatchObject({ status: "pass", attempt: 2 });
  const lines = readFileSync(join(dataDir, "runs", _id, "2", "out"), "utf8");
  expect(lines).toContain("attempt 2 begins at 3");
  await lab.close();
});

test("without a checkpoint there is nothing to resume, and it says so", async () => {
  const lab = await openLab(freshDir());
  const { _id } = await lab.create({ command: "exit 3" });
  await lab.until(_id, ended);
  await expect(lab.checkpoints.resume(_id)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("EXP-001 has written no checkpoint") as string,
  });
  await lab.close();
});

test("a child finds what its parent wrote", async () => {
  const lab = await openLab(freshDir());
  const parent = await lab.create({ command: "echo 42 > answer.txt" });
  const child = await lab.create(
    { command: 'cp "$HUBIFY_PARENT_DIR/answer.txt" found.txt', outputs: ["found.txt"] },
    { parent: parent._id },
  );
  expect(child).toMatchObject({ status: "blocked" });
  expect(await lab.until(child._id, ended)).toMatchObject({ status: "pass" });
  await lab.close();
});

test("a lab that was restarted while it stopped a run for its wall time still says why", async () => {
  const dataDir = freshDir();
  const first = await openLab(dataDir);
  // Ends on TERM, but not at once: the lab is gone by then.
  const command = "trap 'sleep 1; exit 0' TERM; while :; do sleep 0.05; done";
  const { _id } = await first.create({ command, maxSeconds: 0.3, graceSeconds: 30 });
  await first.until(_id, ({ status }) => status === "running");
  await vi.waitFor(async () => {
    const run = await first.store.db.selectFrom("runs").select("stop_requested_at").executeTakeFirst();
    expect(run?.stop_requested_at).toEqual(expect.any(Number));
  }, 10_000);
  await first.detach();
  const second = await openLab(dataDir);
  expect(await second.until(_id, ended)).toMatchObject({
    status: "fail",
    result: "stopped after its longest wall time of 0 s",
  });
  await second.close();
});
