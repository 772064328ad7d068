import { ConvexError } from "convex/values";
import { expect, test } from "vitest";
import { openResearchRest } from "./research-fixture.js";

test("the seed's calls of the older product: getByName, learning.report, and what the skill is then", async () => {
  const { call } = await openResearchRest();
  const report = { skillName: "typescript-strict-mode", outcome: "success", platform: "claude-code" };
  for (let n = 0; n < 7; n++) await call({ path: "learning:report", kind: "mutation" }, report);
  const skill = await call({ path: "skills:getByName", kind: "query" }, { name: "typescript-strict-mode" });
  expect(skill).toMatchObject({ value: { name: "typescript-strict-mode", version: "1.2.0", confidence: 89 } });
});

test("a live query about a skill that is not there yet runs again when it is registered", async () => {
  const { call, store } = await openResearchRest();
  const asked = await call({ path: "skills:getByName", kind: "query" }, { name: "nonexistent" });
  const error = "error" in asked ? asked.error : null;
  expect(error).toBeInstanceOf(ConvexError);
  expect((error as ConvexError<{ code: string; message: string }>).data).toMatchObject({
    code: expect.stringMatching(/^not_found$/i) as string,
    message: "Skill 'nonexistent' not found",
  });
  const heard = new Set<string>();
  store.onChange((topics) => topics.forEach((topic) => heard.add(topic)));
  const draft = { name: "nonexistent", version: "0.1.0", description: "here now" };
  await call({ path: "skills:register", kind: "mutation" }, draft);
  const reads = "topics" in asked ? [...asked.topics] : [];
  expect(reads.filter((topic) => heard.has(topic))).toEqual(["skill:nonexistent"]);
});
