import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRetention } from "../../../src/lab/capture/retention.js";
import { createSettings } from "../../../src/lab/services/settings.js";
import { openLogs } from "../services/logs-fixture.js";

const dayMs = 86_400_000;

async function openRetention() {
  const lab = await openLogs();
  const { store, clock, labId } = lab;
  const settings = createSettings(store);
  const lines: string[] = [];
  const retention = createRetention({ store, settings, clock, log: (line) => lines.push(line) });
  /** An experiment with an attempt of this output, a day after the one before. */
  const made = async (output: string, end = true) => {
    const run = await lab.begin(await lab.create());
    await lab.write(run, output);
    if (end) await lab.end(run);
    clock.at += dayMs;
    return run;
  };
  const hasFile = ({ dir }: { dir: string }) => existsSync(join(dir, "out"));
  const blocksOf = async ({ id }: { id: string }) =>
    (await store.db.selectFrom("blocks").select("off").where("experiment_id", "=", id).execute()).length;
  return {
    ...lab,
    settings,
    lines,
    retention,
    made,
    hasFile,
    blocksOf,
    patch: (set: object) => settings.patch(labId, set),
  };
}

test("without a limit everything stays", async () => {
  const { retention, made, hasFile } = await openRetention();
  const run = await made("a\n");
  await retention.look();
  expect(hasFile(run)).toBe(true);
});

test("old logs go; who reads one is told, and what still runs stays", async () => {
  const { retention, made, hasFile, blocksOf, patch, logs, lines, store, clock } = await openRetention();
  const running = await made("still\n", false);
  const old = await made("one\ntwo\nthree\n".repeat(4000));
  const young = await made("young\n");
  await patch({ logRetentionDays: 1.5 });
  await retention.look();
  expect([old, young, running].map(hasFile)).toEqual([false, true, true]);
  expect([await blocksOf(old), await blocksOf(young)]).toEqual([0, 1]);
  const day = new Date(clock.at).toISOString().slice(0, 10);
  const message = `Removed on ${day} by retention; it was 12,000 lines (54.7 KiB)`;
  const told = [{ seq: 11_999, level: "info", message }];
  expect((await logs.query(old.id, {})).rows).toMatchObject(told);
  expect((await logs.query(old.id, { q: "one", level: "error" })).rows).toMatchObject(told);
  expect(await logs.tail(old.id, { limit: 5 })).toMatchObject(told);
  expect(await logs.since(old.id, { after: -1, limit: 5 })).toMatchObject({ rows: told, next: 11_999, more: false });
  expect((await logs.since(old.id, { after: 11_999, limit: 5 })).rows).toEqual([]);
  expect(await logs.frame(old.id, 0)).toMatchObject({ lines: told, ended: true });
  await expect(logs.file(old.id)).rejects.toThrow(/Removed on .* by retention/);
  const events = await store.db
    .selectFrom("events")
    .select(["topic", "ref"])
    .where("topic", "=", "experiment.log_removed")
    .execute();
  expect(events).toEqual([{ topic: "experiment.log_removed", ref: old.id }]);
  expect(lines).toHaveLength(1);
  await retention.look();
  expect(lines).toHaveLength(1);
});

test("over a size the oldest go, not what is only on a pod", async () => {
  const { retention, made, hasFile, patch, store } = await openRetention();
  const runs = [];
  for (let n = 0; n < 5; n++) runs.push(await made(`${"x".repeat(400_000)}\n`));
  const [away] = runs;
  await store.db
    .updateTable("runs")
    .set({ remote_dir: "/far" })
    .where("experiment_id", "=", away?.id ?? "")
    .execute();
  await patch({ logRetentionGb: 0.001 });
  await retention.look();
  expect(runs.map(hasFile)).toEqual([true, false, false, true, true]);
});

test("a removal that was torn off is done again", async () => {
  const { retention, made, patch, blocksOf, logs, store } = await openRetention();
  const run = await made("x\n");
  await patch({ logRetentionDays: 0.5 });
  const { change } = store;
  let fails = true;
  Object.assign(store, {
    change: (work: never) => (fails ? Promise.reject(new Error("disk full")) : change.call(store, work)),
  });
  await retention.look();
  expect(await blocksOf(run)).toBe(1);
  expect((await logs.query(run.id, {})).rows[0]?.message).toMatch(/^The output file is gone/);
  fails = false;
  await retention.look();
  expect(await blocksOf(run)).toBe(0);
  expect((await logs.query(run.id, {})).rows[0]?.message).toMatch(/^Removed on/);
});
