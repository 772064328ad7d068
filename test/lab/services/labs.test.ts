import { expect, test } from "vitest";
import { Lab } from "../../../src/contract/lab.js";
import { createFirstLab } from "../../../src/lab/services/labs.js";
import { openLab } from "./lab-fixture.js";

test("a data directory has one lab, found by id, slug or without a name", async () => {
  const { labs, labId, store, create, experiments } = await openLab();
  expect(await createFirstLab(store, { name: "Other", slug: "other" })).toBe(labId);
  await create();
  await create();
  await experiments.remove("EXP-001");
  const lab = await labs.get(undefined);
  expect(Lab.parse(lab)).toMatchObject({ id: labId, slug: "dark-energy", experiment_count: 1 });
  expect(lab.created_at).toBe("1970-01-01T00:16:40.000Z");
  expect(await labs.get("dark-energy")).toEqual(lab);
  expect(await labs.list()).toEqual([lab]);
  expect(await labs.idOf(labId)).toBe(labId);
  await expect(labs.get("none")).rejects.toMatchObject({ code: "not_found" });
});
