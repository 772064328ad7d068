import { readFileSync } from "node:fs";
import { publint } from "publint";
import { expect, test } from "vitest";
import { freshHome } from "../e2e/driver.js";
import { pack } from "./packed.js";

test("publint finds nothing wrong with the tarball", async () => {
  const home = freshHome();
  try {
    const { file } = await pack(home.dir);
    const { buffer, byteOffset, byteLength } = readFileSync(file);
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength);
    expect((await publint({ strict: true, pack: { tarball } })).messages).toEqual([]);
  } finally {
    home.clear();
  }
});
