import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Bench, Row } from "./bench.js";

const root = new URL("../../", import.meta.url).pathname;
const Packed = z.array(z.object({ size: z.number(), unpackedSize: z.number(), entryCount: z.number() })).min(1);
const Manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/** What `npm pack` would write; nothing is written, and nothing is built: the bundle is there. */
async function run(): Promise<readonly Row[]> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const npm = process.env["npm_execpath"];
  const [command, first] = npm?.endsWith(".js") === true ? [process.execPath, [npm]] : ["npm", []];
  const { stdout, status, stderr } = spawnSync(command, [...first, ...args], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  const [packed] = Packed.parse(JSON.parse(stdout));
  const { dependencies } = Manifest.parse(JSON.parse(readFileSync(`${root}package.json`, "utf8")));
  return [
    {
      what: "package, tarball",
      ours: (packed?.size ?? Number.NaN) / 1e6,
      unit: "MB",
      limit: 2,
      sense: "most",
      note: `npm pack --dry-run; ${((packed?.unpackedSize ?? 0) / 1e6).toFixed(1)} MB unpacked, ${packed?.entryCount ?? 0} files`,
    },
    {
      what: "package, runtime dependencies",
      ours: Object.keys(dependencies).length,
      unit: "packages",
      limit: 0,
      sense: "most",
    },
  ];
}

export const packageSize: Bench = { name: "package", run };
