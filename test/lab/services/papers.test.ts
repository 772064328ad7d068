import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Paper, PaperVersion } from "../../../src/contract/paper.js";
import { asKeyOf, isRefused, openResearch } from "./research-fixture.js";

test("a paper is made, found by id and slug, changed and deleted, and each is told", async () => {
  const { papers, projects, labId, topics, heard } = await openResearch();
  const project = await projects.create({ labId, name: "Dark energy" });
  const made = await papers.create({ labId, title: "Evolving Dark Energy", authors: ["A"], projectId: "dark-energy" });
  expect(Paper.parse(made)).toEqual(made);
  expect(made).toMatchObject({ slug: "evolving-dark-energy", projectId: project._id, version: 0, readiness: null });
  expect(await papers.get(made.slug)).toEqual(made);
  heard.clear();
  await papers.patch(made._id, { status: "submitted", readiness: 0.9, authors: ["A", "B"], projectId: null });
  expect([...heard]).toEqual(expect.arrayContaining([`papers:${labId}`, `paper:${made._id}`]));
  expect(await papers.get(made._id)).toMatchObject({ status: "submitted", readiness: 0.9, authors: ["A", "B"] });
  expect((await papers.list({ labId, limit: 5, projectId: "dark-energy" })).rows).toEqual([]);
  expect((await papers.list({ labId, limit: 5, status: "submitted" })).rows).toHaveLength(1);
  await papers.remove(made.slug);
  await expect(papers.get(made.slug)).rejects.toEqual(isRefused("not_found", "does not exist"));
  expect(await topics("paper")).toEqual(["created", "submitted", "deleted"]);
});

test.each([
  [{ readiness: 1.1 }, "validation_error", /^readiness: /],
  [{ title: "" }, "validation_error", /^title: /],
  [{ status: "done" as never }, "validation_error", /^status: .*in_review/],
  [{ projectId: "none" }, "validation_error", /^projectId: none is no project/],
  [{ slug: "taken" }, "conflict", /^slug: taken is taken/],
] as const)("a paper with %j is refused", async (draft, code, words) => {
  const { papers, labId } = await openResearch();
  await papers.create({ labId, title: "Taken" });
  await expect(papers.create({ labId, title: "x", ...draft })).rejects.toEqual(isRefused(code, words));
});

test("a project that goes leaves its papers", async () => {
  const { papers, projects, labId } = await openResearch();
  await projects.create({ labId, name: "Dark energy" });
  const { _id } = await papers.create({ labId, title: "x", projectId: "dark-energy" });
  await projects.remove("dark-energy");
  expect((await papers.get(_id)).projectId).toBeNull();
});

test("versions are numbered without gaps, and the same content in a row is one version", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("a", "b", "c", undefined), { maxLength: 12 }), async (contents) => {
      const { papers, labId } = await openResearch();
      await papers.create({ labId, title: "x" });
      const expected: (string | null)[] = [];
      for (const content of contents) {
        const version = await papers.record("x", content === undefined ? { note: "read again" } : { content });
        if (content === undefined || expected.at(-1) !== content) expected.push(content ?? null);
        expect(version.version).toBe(expected.length);
      }
      const { rows } = await papers.versions("x", { limit: 100 });
      expect(rows.map(({ version }) => version)).toEqual(expected.map((_, index) => expected.length - index));
      const read = await Promise.all(expected.map((_, index) => papers.version("x", index + 1)));
      expect(read.map(({ content }) => content)).toEqual(expected);
      expect((await papers.get("x")).version).toBe(expected.length);
    }),
    { numRuns: 15 },
  );
});

test("a version has its size and hash in bytes, who edited it, and is told", async () => {
  const { papers, labId, told } = await openResearch();
  await papers.create({ labId, title: "x" });
  const made = await papers.record("x", { content: "Ωₘ", note: "first", editor: "alpha" });
  expect(PaperVersion.parse(made)).toEqual(made);
  const sha256 = createHash("sha256").update("Ωₘ").digest("hex");
  expect(made).toMatchObject({ version: 1, note: "first", editor: "alpha", sizeBytes: 5, sha256 });
  expect((await told("paper")).at(-1)).toMatchObject({ topic: "paper.version_recorded", slug: "x", version: 1 });
  expect(await papers.record("x", { note: "seen" })).toMatchObject({ sha256: null, sizeBytes: null, editor: "lab" });
  await expect(papers.record("x", {})).rejects.toEqual(isRefused("validation_error", /^content: /));
  await expect(papers.record("x", { content: "Ω".repeat(2 ** 19 + 1) })).rejects.toEqual(
    isRefused("payload_too_large", /^content: /),
  );
  await expect(papers.version("x", 3)).rejects.toEqual(isRefused("not_found", /no version 3; its newest is 2/));
});

test("a key of another lab sees none of it", async () => {
  const { papers, labId } = await openResearch();
  await papers.create({ labId, title: "x" });
  await papers.record("x", { content: "secret" });
  for (const work of [() => papers.get("x"), () => papers.version("x", 1), () => papers.record("x", { note: "n" })]) {
    await expect(asKeyOf("another", "papers:write", work as () => Promise<unknown>)).rejects.toEqual(
      isRefused("not_found", "Paper x does not exist."),
    );
  }
});
