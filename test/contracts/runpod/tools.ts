import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const here = import.meta.dirname;
const root = join(here, "../../..");
const home = join(root, "node_modules/.cache/runpod-contracts");

/** RunPod's own document lies beside a checkout where we develop; it has no licence to be copied in here. */
const derived = join(root, "../shared/reference/runpod-openapi-v2-derived.json");

export interface Contract {
  readonly name: string;
  readonly path: string;
  /** Why it cannot be used; null: it can. */
  readonly missing: string | null;
}

/** Ours is always there; RunPod's where it is at hand. */
export const contracts: readonly Contract[] = [
  { name: "our subset", path: join(here, "runpod-v2.subset.json"), missing: null },
  {
    name: "RunPod's document",
    path: derived,
    missing: existsSync(derived) ? null : "RunPod's OpenAPI document is not beside this checkout",
  },
];

/**
 * Prism and RunPod's own client, from a lock file of their own: they weigh more than everything else we install, and only these
 * tests need them. Installed once into node_modules/.cache; returns why that did not work, or null.
 */
export async function installTools(): Promise<string | null> {
  const stamp = join(home, ".installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(here, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return null;
  process.stderr.write("Installing Prism and RunPod's own client for the contract tests, once …\n");
  mkdirSync(home, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(here, name), join(home, name));
  // As bin/dev.js does, and for its reason, not `npm ci`. None of these packages needs a script to run.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  // Without a network the answer is a skip, and soon.
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
  try {
    await promisify(execFile)("npm", [...args, ...patience], { cwd: home, timeout: 240_000 });
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    const said = (stderr.trim() === "" ? message : stderr.trim()).split("\n")[0] ?? "";
    return `Prism and @runpod/mcp-server could not be installed: ${said}`;
  }
  writeFileSync(stamp, wanted);
  return null;
}

/** A file of an installed tool. */
export const toolPath = (path: string): string => join(home, "node_modules", path);

export interface Prism {
  readonly url: string;
  stop(): void;
}

/** Prism on a contract: `mock` answers by itself, with `upstream` it checks what goes through in both directions. */
export async function startPrism(contract: Contract, upstream?: string): Promise<Prism> {
  const port = await freePort();
  const mode = upstream === undefined ? ["mock"] : ["proxy"];
  const target = upstream === undefined ? [contract.path] : [contract.path, upstream];
  const args = [
    toolPath("@stoplight/prism-cli/dist/index.js"),
    ...mode,
    "-h",
    "127.0.0.1",
    "-p",
    String(port),
    "--errors",
  ];
  const child = spawn(process.execPath, [...args, ...target], { stdio: ["ignore", "pipe", "pipe"] });
  await listening(child);
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill("SIGKILL") };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (said.includes("Prism is listening")) resolve();
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Prism ended: ${said.slice(-2000)}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
