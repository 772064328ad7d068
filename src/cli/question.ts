import type { Detail } from "../app/question.js";
import { FailureError } from "../core/failure.js";
import type { Cli } from "./cli.js";

export interface Asked {
  readonly question: string;
  readonly details: readonly Detail[];
  /** To be typed; without it `y` is enough. */
  readonly typed?: string;
  readonly yes: boolean;
}

/** Effects as lines, each under its name. */
export function detailText(details: readonly Detail[]): string {
  const columns = Math.max(0, ...details.map(({ name }) => name.length)) + 2;
  return details.map(({ name, text }) => `  ${name.padEnd(columns)}${text}`).join("\n");
}

/**
 * Says what will happen and what it costs, and goes on only with the person's word: on a terminal it is asked for, elsewhere
 * `--yes` must have given it.
 */
export async function agree(cli: Cli, { question, details, typed, yes }: Asked): Promise<void> {
  if (details.length > 0) cli.err(`${question.replace(/\?$/, "")}:\n${detailText(details)}`);
  if (yes) return;
  const answer = await cli.ask(typed === undefined ? `${question} [y/N] ` : `${question} Type ${typed}: `);
  if (answer === null) {
    throw new FailureError({ kind: "invalid", message: `${question} Nobody can be asked here`, hint: "say --yes" });
  }
  const isYes = typed === undefined ? /^y(es)?$/i.test(answer.trim()) : answer.trim() === typed;
  if (!isYes) throw new FailureError({ kind: "aborted", message: "nothing was done" });
}
