import { expect, test } from "vitest";
import { hourMs, midnight, openLedger } from "./ledger-fixture.js";

const podId = "p1";
const dayMs = 24 * hourMs;

/** Three hours of one pod, yesterday and today: one of each in `default`, `chains` and `sweeps`. */
async function open() {
  const lab = await openLedger();
  const { labId, queues, addPod, addRun, store } = lab;
  await addPod(podId);
  const chains = await queues.create({ labId, name: "chains" });
  const sweeps = await queues.create({ labId, name: "sweeps" });
  const first = midnight - 2 * hourMs;
  const inQueue = async (queueId: string | null, fromMs: number) => {
    const id = await addRun(podId, fromMs, fromMs + hourMs);
    await store.change(({ tx }) =>
      tx.updateTable("experiments").set({ queue_id: queueId }).where("id", "=", id).execute(),
    );
    return id;
  };
  const inDefault = await inQueue(null, first);
  const inChains = await inQueue(chains._id, first + hourMs);
  const inSweeps = await inQueue(sweeps._id, first + 2 * hourMs);
  for (let at = first; at <= first + 3 * hourMs; at += hourMs / 12) await lab.look(at, { podId });
  const rows = async () =>
    (await lab.summary()).queues.map(({ name, todayUsd, monthUsd, gpuHours }) => [name, todayUsd, monthUsd, gpuHours]);
  return { ...lab, chains, sweeps, inDefault, inChains, inSweeps, rows };
}

test("each queue has what its experiments had of the pods, in the order of the queues", async () => {
  const { rows, queues, sweeps } = await open();
  expect(await rows()).toEqual([
    ["default", 0, 3.59, 1],
    ["chains", 0, 3.59, 1],
    ["sweeps", 3.59, 3.59, 1],
  ]);
  await queues.patch(sweeps._id, { place: 0, name: "wide-sweeps" });
  expect((await rows()).map(([name]) => name)).toEqual(["wide-sweeps", "default", "chains"]);
});

test("what was in a queue that is gone, is in `default`", async () => {
  const { rows, queues, chains } = await open();
  await rows();
  await queues.remove(chains._id);
  expect(await rows()).toEqual([
    ["default", 0, 7.18, 2],
    ["sweeps", 3.59, 3.59, 1],
  ]);
});

test("an experiment that goes to another queue takes along what it has cost", async () => {
  const { rows, experiments, inDefault, chains, store } = await open();
  expect((await rows())[1]).toEqual(["chains", 0, 3.59, 1]);
  await store.change(({ tx }) =>
    tx.updateTable("experiments").set({ attempt: 1 }).where("id", "=", inDefault).execute(),
  );
  await experiments.patch(inDefault, { queue: chains.name });
  expect((await rows()).slice(0, 2)).toEqual([
    ["default", 0, 0, 0],
    ["chains", 0, 7.18, 2],
  ]);
});

test("an hour that is written again counts anew, the others are kept", async () => {
  const { rows, look, clock } = await open();
  await rows();
  await look(midnight + hourMs + hourMs / 2, { podId });
  expect((await rows())[2]).toEqual(["sweeps", 3.59, 3.59, 1]);
  clock.at = midnight + dayMs;
  expect((await rows())[2]).toEqual(["sweeps", 0, 3.59, 1]);
});
