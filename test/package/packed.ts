import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

export const root = new URL("../..", import.meta.url).pathname;
const exec = promisify(execFile);

/** Runs npm as whoever runs us does; its home and cache are `home`, and it asks no registry. */
export async function npm(home: string, args: readonly string[]): Promise<string> {
  const own = process.env["npm_execpath"];
  const [command, first] = own?.endsWith(".js") === true ? [process.execPath, [own]] : ["npm", []];
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, npm_config_cache: join(home, "npm-cache") };
  const options = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier"];
  const { stdout } = await exec(command, [...first, ...args, ...options], { cwd: root, env, maxBuffer: 1e8 });
  return stdout;
}

const Packed = z
  .array(z.object({ filename: z.string(), size: z.number(), files: z.array(z.object({ path: z.string() })) }))
  .length(1);

interface Tarball {
  readonly file: string;
  readonly sizeBytes: number;
  readonly paths: readonly string[];
}

/** Packs what is built; building is the business of who runs the tests. */
export async function pack(home: string): Promise<Tarball> {
  const out = await npm(home, ["pack", "--json", "--ignore-scripts", "--pack-destination", home]);
  const [packed] = Packed.parse(JSON.parse(out));
  if (packed === undefined) throw new Error("npm pack made nothing");
  return {
    file: join(home, packed.filename),
    sizeBytes: packed.size,
    paths: packed.files.map(({ path }) => path),
  };
}
