import fc from "fast-check";
import { expect, test } from "vitest";
import { allowedTransitions, type ExperimentStatus } from "../../../src/contract/experiment.js";
import { experimentStatuses } from "../../../src/contract/vocabulary.js";
import { LabError } from "../../../src/lab/lab-error.js";
import { openLab, outcome } from "./lab-fixture.js";

const which = fc.nat(3);
const act = fc.oneof(
  fc.record({ do: fc.constant("move" as const), which, to: fc.constantFrom(...experimentStatuses) }),
  fc.record({ do: fc.constantFrom("cancel", "restart", "claim", "giveBack", "hold", "release"), which }),
  fc.record({ do: fc.constantFrom("pass", "fail", "lost"), which }),
  fc.record({ do: fc.constant("wait" as const), which, for: which }),
  fc.record({ do: fc.constant("queue" as const), which, to: fc.constantFrom(null, "nightly") }),
);

/** Steps that only the lab takes. */
const own: Partial<Record<ExperimentStatus, readonly ExperimentStatus[]>> = { running: ["queued"] };

type Lab = Awaited<ReturnType<typeof openLab>>;

/** Row and history agree, and every step is one of the machine's. */
async function checkHistory({ experiments }: Lab, id: string): Promise<void> {
  const now = await experiments.get(id);
  const changes = await experiments.statuses(id);
  expect(changes.at(-1)).toMatchObject({ status: now.status, attempt: now.attempt });
  expect(changes.filter(({ status }) => status === "running")).toHaveLength(now.attempt);
  for (const [index, { from, status }] of changes.entries()) {
    expect(from).toBe(changes[index - 1]?.status ?? null);
    if (from !== null) expect([...allowedTransitions[from], ...(own[from] ?? [])]).toContain(status);
  }
}

/** What was counted as it moved is what is there. */
async function checkQueues({ store, queues, labId }: Lab): Promise<void> {
  const rows = await store.db.selectFrom("experiments").select(["status", "queue_id"]).execute();
  const nightly = await queues.get("nightly");
  for (const queue of await queues.list(labId)) {
    const mine = rows.filter(({ queue_id: id }) => (queue.name === "nightly" ? id === nightly._id : id === null));
    for (const status of experimentStatuses) {
      expect(queue.counts[status]).toBe(mine.filter((row) => row.status === status).length);
    }
  }
}

test("any sequence of calls: history and row agree, every step is one of the machine's, pass is final, queues count right", async () => {
  const lab = await openLab();
  await lab.queues.create({ labId: lab.labId, name: "nightly" });
  const { experiments } = lab;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), fc.boolean(), async (acts, isDraft) => {
      const retry = { maxAttempts: 2, backoffSeconds: 1, on: ["fail", "lost"] };
      const made = await Promise.all(
        Array.from({ length: 4 }, (_, n) =>
          lab.create({ config: { command: "true", ...(n % 2 === 0 ? { retry } : {}) }, draft: isDraft && n === 0 }),
        ),
      );
      const ids = made.map(({ _id }) => _id);
      const passed = new Set<string>();
      for (const step of acts) {
        lab.clock.at += 1000;
        const id = ids[step.which] ?? "";
        const { attempt } = await experiments.get(id);
        const calls: Record<typeof step.do, () => Promise<unknown>> = {
          move: () => experiments.move(id, { status: "to" in step ? (step.to as ExperimentStatus) : "draft" }),
          cancel: () => experiments.cancel(id),
          restart: () => experiments.restart(id),
          claim: () => experiments.claim(id, "pod"),
          giveBack: () => experiments.hold(id, "queued", "out of reach"),
          hold: () => experiments.hold(id, "blocked", "held"),
          release: () => experiments.hold(id, "queued", null),
          pass: () => experiments.settle(id, attempt, outcome("pass")),
          fail: () => experiments.settle(id, attempt, outcome("fail")),
          lost: () => experiments.settle(id, attempt, outcome("fail", { exitCode: null })),
          wait: () => experiments.patch(id, { dependsOn: "for" in step ? [ids[step.for] ?? ""] : [] }),
          queue: () => experiments.patch(id, { queue: "to" in step ? step.to : null }),
        };
        await calls[step.do]().catch((error: unknown) => {
          if (!(error instanceof LabError)) throw error;
        });
        for (const each of passed) expect((await experiments.get(each)).status).toBe("pass");
        for (const each of ids) if ((await experiments.get(each)).status === "pass") passed.add(each);
      }
      for (const id of ids) await checkHistory(lab, id);
      await checkQueues(lab);
    }),
    { numRuns: 40 },
  );
}, 120_000);
