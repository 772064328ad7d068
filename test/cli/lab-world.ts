import type { Cli } from "../../src/cli/cli.js";
import { buildProgram } from "../../src/cli/program.js";
import type { LabApi } from "../../src/connections/lab-api.js";
import { nowMs } from "../app/fixtures.js";

/** Answers of the lab by `noun.method`; a list of rows becomes a page. */
export type Answers = Readonly<Record<string, unknown>>;

/** A lab that only notes what it is asked and answers what it was told to. */
export async function runCommand(
  line: readonly string[],
  { answers = {}, typed = null }: { answers?: Answers; typed?: string | null } = {},
) {
  const said = { out: [] as string[], err: [] as string[], asked: [] as string[], calls: [] as unknown[][] };
  const method =
    (noun: string, name: string) =>
    async (...args: unknown[]) => {
      const path = `${noun}.${name}`;
      said.calls.push([path, ...args]);
      if (!(path in answers)) throw new Error(`${path} was not expected`);
      const answer = answers[path];
      if (answer instanceof Error) throw answer;
      return Promise.resolve(
        typeof answer === "function" ? (answer as (...given: unknown[]) => unknown)(...args) : answer,
      );
    };
  const port = (noun: string) => new Proxy({}, { get: (_, name) => method(noun, String(name)) });
  const api = {
    lab: { id: "lab1", slug: "local", name: "Local lab" },
    client: new Proxy({}, { get: (_, noun) => port(String(noun)) }),
    close: async () => void said.calls.push(["close"]),
  };
  const cli = {
    version: "0.0.0",
    out: (text: string) => void said.out.push(text),
    err: (text: string) => void said.err.push(text),
    api: async () => Promise.resolve(api as unknown as LabApi),
    ask: async (question: string) => {
      said.asked.push(question);
      return Promise.resolve(typed);
    },
    nowMs: () => nowMs,
    interrupted: new AbortController().signal,
  } as unknown as Cli;
  const program = buildProgram(cli, () => Promise.resolve());
  await program.parseAsync([...line], { from: "user" });
  return { ...said, text: said.out.join("\n"), call: said.calls[0] };
}

export const page = (rows: readonly unknown[], nextCursor: string | null = null) => ({
  rows,
  nextCursor,
  more: nextCursor !== null,
});
