import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { figuresAmong, figureTitle, maxFigures } from "../../../src/contract/output.js";
import { isBehind, outputsOf } from "../../../src/lab/runs/output-tree.js";

const pathOf = fc
  .array(fc.constantFrom("a", "b", "a.b", "B", "a-", "é"), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"));

test("from any path on, the list is what comes behind it in the whole list", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(pathOf, { maxLength: 12 }), pathOf, async (paths, after) => {
      const root = mkdtempSync(join(tmpdir(), "hubify-tree-"));
      for (const path of paths) {
        try {
          mkdirSync(dirname(join(root, path)), { recursive: true });
          writeFileSync(join(root, path), "x", { flag: "wx" });
        } catch {
          // A file where another path has a folder, or the other way round.
        }
      }
      const list = async (prefix: string, from: string | null) => {
        const found: string[] = [];
        for await (const { path } of outputsOf({ absolute: root, prefix }, from)) found.push(path);
        return found;
      };
      for (const prefix of ["", "elsewhere/x"]) {
        const all = await list(prefix, null);
        const from = prefix === "" ? after : `${prefix}/${after}`;
        expect(await list(prefix, from)).toEqual(all.filter((path) => isBehind(path, from)));
        expect(all.every((path, index) => index === 0 || isBehind(path, all[index - 1] ?? ""))).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test("which files are figures: the newest of those that are pictures, not those of tools", () => {
  const file = (path: string, more = {}) => ({ path, size: 10, modifiedAt: 1, ...more });
  const files = [
    file("plots/b.PNG", { modifiedAt: 2 }),
    file("a.pdf"),
    file("data.csv"),
    file("empty.png", { size: 0 }),
    file("huge.svg", { size: 1e9 }),
    file(".ipynb_checkpoints/x.png"),
    file("env/site-packages/matplotlib/logo.png"),
  ];
  expect(figuresAmong(files).map(({ path }) => path)).toEqual(["a.pdf", "plots/b.PNG"]);
  const many = Array.from({ length: 150 }, (_, at) => file(`f${at}.png`, { modifiedAt: at }));
  expect(figuresAmong(many)).toHaveLength(maxFigures);
  expect(figuresAmong(many)[0]?.path).toBe("f50.png");
  expect(figureTitle("plots/rminus1_trace--v2.png")).toBe("Rminus1 trace v2");
  expect(figureTitle("_.png")).toBe("_");
});
