import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, Skill, SkillSummary, SkillVersion } from "../../../src/contract/skill.js";
import { isRefused, openResearch } from "./research-fixture.js";

const skill = (name: string, version = "1.0.0", more = {}) => ({
  name,
  version,
  description: `what ${name} does`,
  ...more,
});

test("a skill is registered and found by name, as the seed asks for it", async () => {
  const { skills } = await openResearch();
  await expect(skills.getByName("nonexistent")).rejects.toEqual(
    isRefused("not_found", /^Skill 'nonexistent' not found$/),
  );
  const made = await skills.register(
    skill("typescript-strict-mode", "1.2.0", { content: "# Strict", tags: ["types"] }),
  );
  expect(Skill.parse(made)).toEqual(made);
  expect(await skills.getByName("typescript-strict-mode")).toEqual(made);
  expect(made).toMatchObject({ version: "1.2.0", confidence: 50, executions: 0, parent: null, content: "# Strict" });
});

test("a later version takes the place of the one before, comes from it and begins with its confidence", async () => {
  const { skills, learning } = await openResearch();
  await skills.register(skill("a", "1.0.0"));
  for (let n = 0; n < 8; n++) await learning.report({ skillName: "a", outcome: "success" });
  await skills.register(skill("a", "1.1.0"));
  expect(await skills.getByName("a")).toMatchObject({
    version: "1.1.0",
    confidence: 90,
    executions: 0,
    status: "active",
  });
  expect(await skills.getByName("a", "1.0.0")).toMatchObject({ confidence: 90, executions: 8, status: "superseded" });
  await skills.register(skill("b", "0.1.0", { parent: "a" }));
  expect((await skills.lineage("b")).map(({ name, version }) => `${name} ${version}`)).toEqual([
    "b 0.1.0",
    "a 1.1.0",
    "a 1.0.0",
  ]);
  expect((await skills.list({ limit: 9 })).rows.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "b 0.1.0",
    "a 1.1.0",
  ]);
});

test.each([
  [skill("a", "1.0.0"), "conflict", /^version: a is at 1\.0\.0/],
  [skill("a", "1.0.0-rc.1"), "conflict", /^version: /],
  [skill("a", "2.0.0", { parent: "b" }), "validation_error", /^parent: a 2\.0\.0 comes from a 1\.0\.0/],
  [skill("c", "1.0.0", { parent: "nothing" }), "validation_error", /^parent: skill 'nothing' not found/],
  [skill("c", "1.0"), "validation_error", /^version: must be a semantic version/],
  [skill("Not Lower"), "validation_error", /^name: /],
] as const)("%j is refused", async (draft, code, words) => {
  const { skills } = await openResearch();
  await skills.register(skill("a"));
  await expect(skills.register(draft)).rejects.toEqual(isRefused(code, words));
  expect((await skills.list({ limit: 9 })).rows).toHaveLength(1);
});

test("search finds parts of names, descriptions and tags, the best names first; its letters are letters", async () => {
  const { skills, learning } = await openResearch();
  await skills.register(skill("planck-chain"));
  await skills.register(skill("chain"));
  await skills.register(skill("chain-reader"));
  await skills.register(skill("plots", "1.0.0", { description: "100% of chains" }));
  await skills.register(skill("other", "1.0.0", { tags: ["chain"] }));
  await learning.report({ skillName: "other", outcome: "success" });
  const found = async (query: string, limit = 20) => (await skills.search({ query, limit })).map(({ name }) => name);
  expect(await found("Chain")).toEqual(["chain", "chain-reader", "planck-chain", "other", "plots"]);
  expect(await found("chain", 2)).toEqual(["chain", "chain-reader"]);
  expect(await found("100%")).toEqual(["plots"]);
  expect(await found("%")).toEqual(["plots"]);
  expect(await found("_")).toEqual([]);
});

test("versions are ordered as semver.org orders them", () => {
  const ascending =
    "0.9.0 1.0.0-1 1.0.0-2 1.0.0-10 1.0.0-alpha 1.0.0-alpha.1 1.0.0-beta 1.0.0 1.0.1 1.9.0 1.10.0 2.0.0";
  const versions = ascending.split(" ");
  for (const version of versions) expect(SkillVersion.parse(version)).toBe(version);
  fc.assert(
    fc.property(fc.nat(versions.length - 1), fc.nat(versions.length - 1), (a, b) => {
      expect(Math.sign(compareVersions(versions[a] ?? "", versions[b] ?? ""))).toBe(Math.sign(a - b));
    }),
  );
  for (const text of ["1.0", "01.0.0", "1.0.0-", "v1.0.0", "1.0.0-01", " 1.0.0"]) {
    expect(SkillVersion.safeParse(text).success).toBe(false);
  }
});

test("lists leave the content out", async () => {
  const { skills } = await openResearch();
  await skills.register(skill("a", "1.0.0", { content: "long" }));
  const { rows } = await skills.list({ limit: 1 });
  expect(SkillSummary.strict().parse(rows[0])).toEqual(rows[0]);
});
