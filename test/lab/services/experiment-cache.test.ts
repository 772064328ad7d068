import { expect, test } from "vitest";
import { openLab, outcome } from "./lab-fixture.js";

test("an experiment that nobody changes is read once, and is the same frozen object for everybody", async () => {
  const { experiments, create, labId } = await openLab();
  const { _id, experimentId } = await create();
  const read = await experiments.get(_id);
  expect(Object.isFrozen(read)).toBe(true);
  expect(await experiments.get(experimentId.toLowerCase())).toBe(read);
  expect((await experiments.list({ labId, limit: 20 })).rows[0]).toBe(read);
});

test("every kind of change is seen at once", async () => {
  const { experiments, create, labId, store } = await openLab();
  const { _id } = await create();
  const seen = async () => {
    const [listed] = (await experiments.list({ labId, limit: 20 })).rows;
    const got = await experiments.get(_id);
    expect(listed).toEqual(got);
    return got;
  };
  await seen();
  await experiments.patch(_id, { title: "renamed" });
  expect(await seen()).toMatchObject({ title: "renamed" });
  await experiments.hold(_id, "queued", "no free CPU slot");
  expect(await seen()).toMatchObject({ statusReason: "no free CPU slot" });
  await experiments.tellWaiting([{ id: _id, reason: "no free CPU slot", etaAt: 99_000_000 }]);
  expect(await seen()).toMatchObject({ etaAt: 99_000_000 });
  await experiments.claim(_id, "pod");
  expect(await seen()).toMatchObject({ status: "running", attempt: 1 });
  await experiments.observe(_id, 1, { logLines: 7 });
  expect(await seen()).toMatchObject({ logLines: 7 });
  await experiments.settle(_id, 1, outcome("pass"));
  expect(await seen()).toMatchObject({ status: "pass" });
  await experiments.remove(_id);
  expect((await experiments.list({ labId, limit: 20 })).rows).toEqual([]);
  await expect(experiments.get(_id)).rejects.toThrow("does not exist");
  await store.close();
});

test("a change sees what it wrote, nobody else does, and after a rollback nobody has", async () => {
  const { experiments, create, store } = await openLab();
  const { _id } = await create({ title: "before" });
  await experiments.get(_id);
  const undone = store.change(async () => {
    await experiments.patch(_id, { title: "never" });
    expect((await experiments.get(_id)).title).toBe("never");
    throw new Error("undo");
  });
  await expect(undone).rejects.toThrow("undo");
  expect((await experiments.get(_id)).title).toBe("before");
});

test("readers beside writers never keep what is old", async () => {
  const { experiments, create, labId } = await openLab();
  const ids = await Promise.all(Array.from({ length: 12 }, async () => (await create())._id));
  for (let round = 0; round < 30; round++) {
    await Promise.all(
      ids.flatMap((id, index) => [
        experiments.list({ labId, limit: 20 }),
        experiments.patch(id, { title: `${round}.${index}` }),
        experiments.get(id),
      ]),
    );
    const titles = (await experiments.list({ labId, limit: 20 })).rows.map(({ title }) => title).reverse();
    expect(titles).toEqual(ids.map((_, index) => `${round}.${index}`));
  }
});
