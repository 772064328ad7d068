import fc from "fast-check";
import { expect, test } from "vitest";
import { type Actor, owner } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { matchOf, wordsOf } from "../../../src/lab/search/match.js";
import { createSearch, type SearchParts } from "../../../src/lab/services/search.js";
import { openLab, outcome } from "./lab-fixture.js";

async function openSearch() {
  const lab = await openLab();
  const row = (table: string) => async (id: string) => Promise.resolve({ _id: id, table });
  const sources: SearchParts["sources"] = {
    experiments: { table: "experiments", needs: "experiments:read", get: lab.experiments.get },
    papers: { table: "papers", needs: "papers:read", get: row("papers") },
    agents: { table: "agents", needs: "agents:read", get: row("agents") },
    knowledge: { table: "files", needs: "knowledge:read", get: row("files") },
    tasks: { table: "tasks", needs: "tasks:read", get: row("tasks") },
    figures: { table: "figures", needs: "papers:read", get: row("figures") },
    projects: { table: "projects", needs: "experiments:read", get: row("projects") },
  };
  const pods = async () => Promise.resolve([{ name: "chain-a", gpuType: "H200" }]);
  const search = createSearch({ store: lab.store, labs: lab.labs, sources, pods });
  const titles = async (q: string, limit = 5) =>
    (await search.search({ labId: lab.labId, q, limit })).experiments.map(({ title }) => title);
  return { ...lab, search, titles };
}

test("every word is looked for as a beginning, in title, id and result, newest first", async () => {
  const { create, experiments, titles } = await openSearch();
  await create({ title: "MCMC chain, Planck 2018 + BAO" });
  await create({ title: "neowise_fullsky" });
  const { _id } = await create({ title: "Planck lensing" });
  expect(await titles("planck")).toEqual(["Planck lensing", "MCMC chain, Planck 2018 + BAO"]);
  expect(await titles("bao pla")).toEqual(["MCMC chain, Planck 2018 + BAO"]);
  expect(await titles("FULLSKY")).toEqual(["neowise_fullsky"]);
  expect(await titles("exp-003")).toEqual(["Planck lensing"]);
  await experiments.claim(_id, "pod");
  await experiments.settle(_id, 1, outcome("fail", { result: "segmentation fault" }));
  expect(await titles("segment")).toEqual(["Planck lensing"]);
});

test("what is renamed or deleted is not found under its old words", async () => {
  const { create, experiments, titles } = await openSearch();
  const { _id } = await create({ title: "first name" });
  await experiments.patch(_id, { title: "second name" });
  expect(await titles("first")).toEqual([]);
  expect(await titles("second")).toEqual(["second name"]);
  await experiments.remove(_id);
  expect(await titles("second")).toEqual([]);
});

test("one character finds nothing, five of each kind are enough, and the documented keys are all there", async () => {
  const { create, search, labId, titles } = await openSearch();
  for (let n = 0; n < 8; n++) await create({ title: `sweep ${n}` });
  expect(await titles("s")).toEqual([]);
  expect(await titles("sweep")).toHaveLength(5);
  const found = await search.search({ labId, q: "h200", limit: 5 });
  expect(found.pods).toEqual([{ name: "chain-a", gpuType: "H200" }]);
  expect(Object.keys(found)).toEqual(
    expect.arrayContaining(
      "experiments papers agents knowledge surveys tasks figures datasets contributions".split(" "),
    ),
  );
});

test("a key that may not read experiments finds none, and another lab's are never found", async () => {
  const { create, search, labId, store } = await openSearch();
  await create({ title: "secret chain" });
  const reader: Actor = { ...owner, grants: [{ labId, noun: "labs", verb: "read" }] };
  const asked = () => search.search({ labId, q: "chain", limit: 5 });
  const found = await ask({ actor: reader, need: "labs:read" }, new Set(), asked);
  expect([found.experiments, found.pods]).toEqual([[], []]);
  await store.change(async ({ tx }) => {
    await tx.updateTable("experiments").set({ lab_id: "another" }).execute();
    await tx.updateTable("experiments").set({ title: "secret chain again" }).execute();
  });
  expect((await asked()).experiments).toEqual([]);
});

test("whatever is typed is words to the index, never its language", async () => {
  const { create, search, labId } = await openSearch();
  await create({ title: 'quotes " AND NEAR(' });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"', "a* OR b", "-x", "lab:*", "近く ñ")),
      async (q) => {
        await search.search({ labId, q, limit: 5 });
      },
    ),
    { numRuns: 200 },
  );
  expect(matchOf("--- !!", "lab", "tasks")).toBeNull();
  expect(wordsOf('Planck_2018 "BAO*"')).toEqual(["planck", "2018", "bao"]);
});
