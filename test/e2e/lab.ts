import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Discovery } from "../../src/contract/discovery.js";

const bundle = new URL("../../bin/hubify-tui.js", import.meta.url).pathname;

export interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the bundle as a script would: no terminal, output to pipes. */
export async function run(
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const child = start(home, args, env);
  let out = "";
  let err = "";
  child.stdout?.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (err += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

/** The same, left running: for `-f` and `--foreground`. */
export function start(home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [bundle, ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: home, HUBIFY_TUI_HOME: home, TZ: "UTC", LANG: "C.UTF-8", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Where the lab of this home runs, or null. */
export async function labOf(
  home: string,
): Promise<Pick<Discovery, "url" | "pid" | "dataDir" | "tokenFile" | "version"> | null> {
  const { out } = await run(home, ["lab", "status", "--json"]);
  return Discovery.pick({ url: true, pid: true, dataDir: true, tokenFile: true, version: true })
    .nullable()
    .parse(JSON.parse(out));
}

/** Asks again and again until the answer is not undefined; rejects with the last one's story after the limit. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  limitMs = 20_000,
  what = "condition",
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${limitMs} ms`);
    // Each question starts a process or a request of its own: that is pause enough.
  }
}

/** Stops the lab and every run of a home, so that nothing outlives a test. */
export async function stopEverything(home: string): Promise<void> {
  const { out } = await run(home, ["experiments", "list", "--json"]).catch(() => ({ out: "" }));
  const rows = out === "" ? [] : (JSON.parse(out) as { rows: { _id: string; status: string }[] }).rows;
  const alive = rows.filter((row) => ["queued", "running", "blocked"].includes(row.status));
  await Promise.all(alive.map((row) => run(home, ["experiments", "cancel", row._id])));
  await eventually(async () => {
    const left = await run(home, ["experiments", "list", "--status", "running", "--json"]);
    return (JSON.parse(left.out) as { rows: unknown[] }).rows.length === 0 ? true : undefined;
  }).catch(() => undefined);
  await run(home, ["lab", "stop"]);
}
