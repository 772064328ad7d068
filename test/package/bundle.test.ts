import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { root } from "./packed.js";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const Meta = z.object({
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) })),
});

/** Bytes of each package inside the bundle, as esbuild counted them. */
function bundledBytes(): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(Meta.parse(JSON.parse(read("dist/.meta.json"))).outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /^(?!node-by-name:).*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (name !== undefined && bytesInOutput > 0) bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return bytes;
}

const bundled = bundledBytes();
const { devDependencies } = z
  .object({ devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read("package.json")));

describe("the bundle", () => {
  it.each(["ink", "react", "ink-table", "ink-spinner", "undici", "convex", "zustand", "asciichart"])(
    "has %s inside",
    (name) => expect(bundled.get(name)).toBeGreaterThan(0),
  );

  it("has the notice of every package that is inside", () => {
    const notices = read("dist/THIRD-PARTY-NOTICES.txt");
    expect(bundled.size).toBeGreaterThan(20);
    for (const name of bundled.keys()) expect(notices).toMatch(new RegExp(`^${name} \\d[^\n]* \\([^\n]+\\)\n\n`, "m"));
  });

  it("is what the README's table of dependencies says it is", () => {
    const readme = read("README.md");
    const table = readme.slice(readme.indexOf("### Dependencies"), readme.indexOf("For development only"));
    const named = table
      .split("\n")
      .filter((line) => line.startsWith("| ") && !line.startsWith("| package"))
      .flatMap((line) => (line.split("|")[1] ?? "").split(",").map((name) => name.trim()));
    // Named by Ink, replaced by an empty stand-in: the table says so.
    const stubbed = "react-devtools-core";
    const direct = Object.keys(devDependencies).filter((name) => bundled.has(name));
    expect(named.filter((name) => name !== stubbed).sort()).toEqual(direct.sort());
    expect(bundled.has(stubbed)).toBe(false);
  });

  it("carries zod's errors in English only", () => {
    expect(read("dist/.meta.json")).toContain("zod/v4/locales/en.js");
    expect(read("dist/.meta.json")).not.toContain("zod/v4/locales/de.js");
  });

  it("loads neither zod nor Ink nor commander before the first frame", () => {
    const meta = z
      .object({
        outputs: z.record(
          z.string(),
          z.object({
            entryPoint: z.string().optional(),
            inputs: z.record(z.string(), z.unknown()),
            imports: z.array(z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() })),
          }),
        ),
      })
      .parse(JSON.parse(read("dist/.meta.json")));
    const loaded = new Set<string>();
    const load = (path: string) => {
      if (loaded.has(path)) return;
      loaded.add(path);
      const imports = meta.outputs[path]?.imports ?? [];
      for (const { path: next, kind, external } of imports) {
        if (kind === "import-statement" && external !== true) load(next);
      }
    };
    for (const entry of ["src/main.ts", "src/room/room.ts"]) {
      const [path] = Object.entries(meta.outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? [];
      load(path ?? `no chunk of ${entry}`);
    }
    const inputs = [...loaded].flatMap((path) => Object.keys(meta.outputs[path]?.inputs ?? {}));
    expect(inputs).toContain("src/ui/painter.ts");
    expect(inputs.filter((input) => /node_modules\/(zod|ink|react|commander|undici|convex)\//.test(input))).toEqual([]);
    // Each file costs Node 0.6 ms to load.
    expect(loaded.size).toBeLessThanOrEqual(8);
  });
});

describe("the config's schema for editors", () => {
  it("is there and describes every field", () => {
    expect(existsSync(join(root, "dist/config.schema.json"))).toBe(true);
    const Field = z.looseObject({ description: z.string().min(5) });
    const { properties } = z
      .object({ properties: z.record(z.string(), Field) })
      .parse(JSON.parse(read("dist/config.schema.json")));
    expect(Object.keys(properties)).toContain("theme");
    const lab = z.object({ properties: z.record(z.string(), Field) }).parse(properties["lab"]);
    expect(Object.keys(lab.properties)).toContain("cpuSlots");
  });
});
