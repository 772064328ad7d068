import { constants } from "node:os";

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** An exit code in words: `exit code 3`, `killed by SIGSEGV`, `exit code 127, command not found`. */
export function describeExit(code: number): string {
  if (code > 128) {
    const signal = signalNames.get(code - 128);
    if (signal !== undefined) return `killed by ${signal}`;
  }
  const hint = { 96: "working directory is gone", 126: "not executable", 127: "command not found" }[code];
  return `exit code ${code}${hint === undefined ? "" : `, ${hint}`}`;
}
