import { expect, test } from "vitest";
import { type Actor, mayIn, owner } from "../../../src/lab/access/actor.js";
import { covers, grantsOf, refuseMoreThan } from "../../../src/lab/access/scopes.js";

const idOf = async (slug: string) => `id-of-${slug}`;
const having = async (scopes: readonly string[], labId: string | null): Promise<Actor> => ({
  ...owner,
  kind: "key",
  grants: await grantsOf(scopes, { labId, idOf }),
});

test.each([
  [["*"], null, "id-of-a", "keys:write", "yes"],
  [["*"], "id-of-a", "id-of-b", "labs:read", "unseen"],
  [["experiments:read"], "id-of-a", "id-of-a", "experiments:read", "yes"],
  [["experiments:read"], "id-of-a", "id-of-a", "experiments:write", "forbidden"],
  [["experiments:*"], "id-of-a", "id-of-a", "experiments:admin", "yes"],
  [["experiments:*"], "id-of-a", "id-of-a", "pods:read", "forbidden"],
  [["lab:a:r"], null, "id-of-a", "tasks:read", "yes"],
  [["lab:a:r"], null, "id-of-a", "tasks:write", "forbidden"],
  [["lab:a:r"], null, "id-of-b", "tasks:read", "unseen"],
  [["lab:a:rw"], null, "id-of-a", "pods:write", "yes"],
  [["lab:a:rw"], null, "id-of-a", "keys:write", "forbidden"],
  [["lab:a:admin"], null, "id-of-a", "keys:write", "yes"],
  [["lab:*:r"], "id-of-a", "id-of-a", "labs:read", "yes"],
  [["lab:*:r"], "id-of-a", "id-of-b", "labs:read", "unseen"],
  [["lab:*:r"], null, "id-of-b", "labs:read", "yes"],
] as const)("%j of a key of lab %j in %s: %s is %s", async (...row) => {
  const [scopes, labId, lab, need, may] = row;
  expect(mayIn(await having(scopes, labId), lab, need)).toBe(may);
});

test("a scope of another lab than the key's is refused", async () => {
  await expect(grantsOf(["labs:read", "lab:b:r"], { labId: "id-of-a", idOf })).rejects.toThrow(/^scopes.1: lab:b:r/);
});

test("nobody gives what they do not have", async () => {
  const giver = await having(["experiments:write", "lab:a:r"], "id-of-a");
  const wanted = (scopes: readonly string[], labId: string | null) => grantsOf(scopes, { labId, idOf });
  expect(() => refuseMoreThan(giver, [])).not.toThrow();
  refuseMoreThan(giver, await wanted(["experiments:read", "tasks:read"], "id-of-a"));
  for (const [scopes, labId] of [
    [["tasks:write"], "id-of-a"],
    [["experiments:*"], "id-of-a"],
    [["experiments:read"], null],
    [["experiments:read"], "id-of-b"],
    [["*"], "id-of-a"],
    [["keys:read"], "id-of-a"],
  ] as const) {
    const grants = await wanted(scopes, labId);
    expect(() => refuseMoreThan(giver, grants)).toThrow(/you lack/);
  }
});

test("all nouns together cover any noun", async () => {
  const all = await grantsOf(["lab:a:rw", "keys:write"], { labId: null, idOf });
  expect(covers(all, { labId: "id-of-a", noun: "*", verb: "write" })).toBe(true);
  expect(covers(all, { labId: "id-of-a", noun: "*", verb: "admin" })).toBe(false);
});
