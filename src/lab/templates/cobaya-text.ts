import type { ChainRow } from "./metropolis.js";

const two = (value: number) => String(value).padStart(2, "0");

/** Local time without a zone, as Python prints it. `separator` is a blank in log lines and a T in files. */
function localTime(at: number, separator: string): string {
  const time = new Date(at);
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}${separator}${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

const fixed = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : printed(value));
const printed = (value: number) => (Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");

/** One line of Cobaya under MPI: `[0 : mcmc] …`. The wordings are those of Cobaya 3.6, so its readers read us too. */
export const cobayaLine = (rank: number, message: string, logger = "mcmc") => `[${rank} : ${logger}] ${message}`;

export function progressMessage(at: number, chain: { steps: number; accepted: number; burnInLeft: number }): string {
  const rest =
    chain.burnInLeft > 0
      ? ` -- still burning in, ${chain.burnInLeft} accepted steps left.`
      : `, and ${chain.accepted} accepted.`;
  return `Progress @ ${localTime(at, " ")} : ${chain.steps} steps taken${rest}`;
}

export function acceptanceMessage(mean: number, perChain: readonly number[]): string {
  return ` - Acceptance rate: ${fixed(mean, 3)} = avg([${perChain.map((value) => fixed(value, 4)).join(", ")}])`;
}

export function rminus1Message(of: "means" | "bounds", value: number, accepted: readonly number[]): string {
  const total = accepted.reduce((sum, count) => sum + count, 0);
  return ` - Convergence of ${of}: R-1 = ${fixed(value, 6)} after ${total} accepted steps = sum([${accepted.join(", ")}])`;
}

/** Head of `PREFIX.progress`. */
export const progressFileHead =
  "#       N                  timestamp acceptance_rate         Rminus1      Rminus1_cl\n";

/** One row of `PREFIX.progress`; null is not tested yet. */
export function progressFileRow(row: {
  readonly accepted: number;
  readonly at: number;
  readonly acceptance: number;
  readonly means: number | null;
  readonly bounds: number | null;
}): string {
  const number = (value: number | null) =>
    value === null || Number.isNaN(value) ? "NaN" : `${Number(value.toPrecision(6))}`;
  const time = `${localTime(row.at, "T")}.${String(row.at % 1000).padStart(3, "0")}000`;
  return ` ${row.accepted}.0 ${time}  ${number(row.acceptance)}  ${number(row.means)}  ${number(row.bounds)}\n`;
}

/** Head of a chain file `PREFIX.N.txt`. */
export const chainFileHead = (names: readonly string[]) =>
  `# ${["weight", "minuslogpost", ...names, "chi2"]
    .map((name) => name.padStart(14))
    .join(" ")
    .slice(2)}\n`;

export function chainFileRow({ weight, minusLogPost, values }: ChainRow, chi2: number): string {
  const cells = [weight, minusLogPost, ...values, chi2].map((value) =>
    String(Number(value.toPrecision(8))).padStart(14),
  );
  return `${cells.join(" ")}\n`;
}

/** `PREFIX.checkpoint`. */
export const checkpointFile = (state: { converged: boolean; rminus1: number | null; chains: number }) =>
  [
    "sampler:",
    "  mcmc:",
    `    converged: ${state.converged}`,
    `    Rminus1_last: ${state.rminus1 ?? ".inf"}`,
    "    burn_in: 0",
    `    mpi_size: ${state.chains}`,
    "",
  ].join("\n");
