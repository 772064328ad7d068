import { writeSync } from "node:fs";

// Prints lines at a rate, as an experiment: `print-lines.ts RATE TOTAL [BYTES]`, RATE in lines per second (0: as fast as can be).
const [rate = 1000, total = 1000, bytes = 97] = process.argv.slice(2).map(Number);
const burstMs = 10;
const tail = "sample of the posterior with its weight and chi2 as the sampler writes it down for later thinning";

const lineOf = (index: number) =>
  `${String(index).padStart(9, "0")} ${tail}`.slice(0, bytes - 1).padEnd(bytes - 1, ".");
const startedAt = performance.now();

function burst(printed: number): void {
  const due = rate === 0 ? printed + 10_000 : Math.floor(((performance.now() - startedAt) * rate) / 1000);
  const lines: string[] = [];
  const end = Math.min(total, due);
  for (let index = printed; index < end; index++) lines.push(lineOf(index));
  const text = Buffer.from(lines.length === 0 ? "" : `${lines.join("\n")}\n`);
  for (let at = 0; at < text.length; ) at += writeSync(1, text, at);
  if (end < total) setTimeout(burst, rate === 0 ? 0 : burstMs, end);
}
burst(0);
