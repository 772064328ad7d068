import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Config } from "../../src/config/config.js";
import { defaultConfig, loadConfig } from "../../src/config/load-config.js";

const dir = mkdtempSync(join(tmpdir(), "hubify-config-"));
afterAll(() => rmSync(dir, { recursive: true }));

test("the defaults told apart from the schema are the schema's", () => {
  expect(defaultConfig).toEqual(Config.parse({}));
});

test("no file is the defaults, a file is checked", async () => {
  expect(await loadConfig(join(dir, "none.json"))).toEqual(defaultConfig);
  writeFileSync(join(dir, "config.json"), '{\n  "theme": "light"\n}');
  expect(await loadConfig(join(dir, "config.json"))).toEqual({ ...defaultConfig, theme: "light" });
  writeFileSync(join(dir, "bad.json"), '{\n  "them": "light"\n}');
  await expect(loadConfig(join(dir, "bad.json"))).rejects.toThrow(/bad\.json:\d+: them/);
});

test("a file that can't be read is said, not passed over", async () => {
  mkdirSync(join(dir, "folder.json"));
  await expect(loadConfig(join(dir, "folder.json"))).rejects.toThrow(/folder\.json cannot be read/);
});

test("what is opened without a flag is a word of the config", async () => {
  writeFileSync(join(dir, "alone.json"), '{"connection": "runpod"}');
  expect((await loadConfig(join(dir, "alone.json"))).connection).toBe("runpod");
  writeFileSync(join(dir, "else.json"), '{\n"connection": "aws"}');
  await expect(loadConfig(join(dir, "else.json"))).rejects.toThrow(/else\.json:2: connection/);
});
