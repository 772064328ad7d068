import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Bench, median, type Row } from "./bench.js";
import { benchHome } from "./bench-lab.js";
import { bundle } from "./bench-terminal.js";
import { startForegroundLab } from "./foreground-lab.js";

const labRounds = 5;
const commandRounds = 9;

/** From exec of the lab to its first answer to a request, on a fresh data directory of this name. */
async function labAnswerMs(cleanup: AsyncDisposableStack, home: string, name: string): Promise<number> {
  const { firstAnswerMs, stop } = await startForegroundLab(cleanup, home, join(home, name));
  await stop();
  return firstAnswerMs;
}

function commandMs(home: string, args: readonly string[]): number {
  const startedAt = performance.now();
  const { status } = spawnSync(process.execPath, args, { env: { HOME: home, HUBIFY_TUI_HOME: home } });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${String(status)}`);
  return performance.now() - startedAt;
}

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const firsts: number[] = [];
  for (let round = 0; round < labRounds; round++) firsts.push(await labAnswerMs(cleanup, benchHome(cleanup), "lab"));
  const home = benchHome(cleanup);
  await labAnswerMs(cleanup, home, "before");
  const answers: number[] = [];
  for (let round = 0; round < labRounds; round++) answers.push(await labAnswerMs(cleanup, home, `lab ${round}`));
  const samples = { help: [] as number[], version: [] as number[], node: [] as number[] };
  for (let round = 0; round < commandRounds; round++) {
    samples.help.push(commandMs(home, [bundle, "--help"]));
    samples.version.push(commandMs(home, [bundle, "--version"]));
    samples.node.push(commandMs(home, ["-e", "0"]));
  }
  const peers = { "node -e 0": median(samples.node) };
  const how = `exec to exit, median of ${commandRounds} in turns`;
  return [
    {
      what: "lab: start to first answer",
      ours: median(answers),
      unit: "ms",
      limit: 250,
      sense: "most",
      note: `exec to the answer of /v1/health, fresh data directory, compiled code kept from an earlier start, median of ${labRounds}`,
    },
    {
      what: "lab: the same, the first ever of this user",
      ours: median(firsts),
      unit: "ms",
      limit: null,
      sense: "most",
      note: `nothing compiled yet, median of ${labRounds}`,
    },
    { what: "--help", ours: median(samples.help), unit: "ms", limit: 100, sense: "most", peers, note: how },
    { what: "--version", ours: median(samples.version), unit: "ms", limit: 100, sense: "most", peers, note: how },
  ];
}

export const start: Bench = { name: "start", run };
