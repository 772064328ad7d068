import { writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import type { Bench, Row } from "./bench.js";
import { benches } from "./index.js";
import { benchTable, benchText } from "./table.js";

const say = (text: string) => void process.stderr.write(`${text}\n`);
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const resultsFile = new URL("results.md", import.meta.url);

/** Measures one subject; a failure becomes a row that says so, and nothing it started is left behind. */
async function measure({ name, run }: Bench): Promise<readonly Row[]> {
  const cleanup = new AsyncDisposableStack();
  // Once, however it ends: what is interrupted fails as well, and must not leave before everything is cleaned up.
  let cleaning: Promise<void> | undefined;
  const clean = () => (cleaning ??= cleanup.disposeAsync());
  // Leaves through the same door as the ordinary end.
  const interrupt = () => void clean().finally(() => process.exit(130));
  for (const signal of signals) process.on(signal, interrupt);
  const startedAt = performance.now();
  try {
    return await run(cleanup);
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    say(`${name}: ${note}`);
    return [{ what: name, ours: null, unit: "", limit: null, sense: "most", note: note.split("\n")[0] ?? "" }];
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    await clean().catch((error: unknown) => say(`${name}: cleaning up: ${String(error)}`));
    say(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

function report(rows: readonly Row[], loadBefore: number): string {
  const [cpu] = cpus();
  const facts = [
    `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `Node ${process.versions.node}`,
    `Linux ${release()}, ${cpus().length} × ${cpu?.model ?? "unknown CPU"}, ${(totalmem() / 1e9).toFixed(0)} GB`,
    `load average ${loadBefore.toFixed(2)} before, ${(loadavg()[0] ?? 0).toFixed(2)} after`,
  ];
  return `# Benchmarks

Written by \`npm run bench\`; \`npm run bench -- <name>\` measures one subject and writes nothing.

${facts.map((fact) => `- ${fact}`).join("\n")}

${benchTable(rows)}

## How to read it

- Times of the room are those of the built bundle in a real 200×50 pty, measured from outside: from writing a key into the pty to reading the bytes of the
  glyph that answers it. The terminal's own drawing is not in it. The terminal, the lab, what prints and what measures share the machine's cores.
- CPU is user + system time of all threads from \`/proc\`, in percent of one core. MB are 10⁶ bytes.
- Rows marked *in process* run the sources, not the bundle, in the benchmark's own process after a warm-up.
- Plain Ink is the same content drawn the ordinary way (a Box and Texts per row, \`useState\`, Ink's own output, 30 fps): \`plain-ink.tsx\`, bundled, minified, production. It
  reads its log lines from a pipe, without a lab between, which favours it.
- The slow line is a model: what the program writes leaves a buffer of 256 KiB at 40 kB/s and takes 25 ms, as do keys and the terminal's answers on their way back.
- A load average above the number of cores means that something else was running: then trust ratios before milliseconds.
`;
}

const wanted = process.argv[2];
const chosen = benches.filter(({ name }) => wanted === undefined || name === wanted);
if (chosen.length === 0) {
  say(`there is no benchmark "${wanted ?? ""}"; there are ${benches.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const loadBefore = loadavg()[0] ?? 0;
const rows: Row[] = [];
for (const bench of chosen) rows.push(...(await measure(bench)));
process.stdout.write(`${benchText(rows)}\n`);
if (wanted === undefined) writeFileSync(resultsFile, report(rows, loadBefore));
else for (const { what, note } of rows) if (note !== undefined) say(`${what}: ${note}`);
process.exit(0);
