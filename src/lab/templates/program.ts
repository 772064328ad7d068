import { z } from "zod";
import type { Template } from "../../contract/lab.js";
import type { TemplateParameter } from "../../contract/template.js";
import { parametersOf } from "./program-parameters.js";

/** What a template's program may touch. The process gives the real things; a test gives a clock that runs ahead. */
export interface Bench {
  /** One line of output, written at once. */
  print(line: string): void;
  /** Output without a newline: the state of a progress bar. */
  write(text: string): void;
  /** Whole or not at all; makes its folder. */
  saveFile(name: string, text: string): void;
  appendFile(name: string, text: string): void;
  /** Throws when there is none. */
  readFile(name: string): string;
  /** `HUBIFY_…` of the run. */
  env(name: string): string | undefined;
  /** ms since 1970 UTC. */
  now(): number;
  /** Ends early when the run is to stop. */
  sleep(ms: number): Promise<void>;
  /** True once the run is to stop: write what there is, and return. */
  isStopping(): boolean;
}

/** A small numerical program the lab can run: its card in the list of templates, and what it does. */
export interface Program {
  readonly template: Template;
  /** What of its config can be set, with the bounds that it checks itself. */
  parameters(): readonly TemplateParameter[];
  /** Why it would refuse this config, `seeds: …`; null: it would not. */
  complaint(config: unknown): string | null;
  /** Resolves to the exit code; 0 also when it was stopped. Throws a ZodError on a config it can't use. */
  run(config: unknown, bench: Bench): Promise<number>;
}

/** Decodes the config before the work starts, and keeps config and work of one type. */
export function defineProgram<Config>(program: {
  readonly template: Template;
  readonly config: z.ZodType<Config>;
  readonly work: (config: Config, bench: Bench) => Promise<number>;
}): Program {
  const { template, config, work } = program;
  let parameters: readonly TemplateParameter[] | undefined;
  return {
    template,
    parameters: () => (parameters ??= parametersOf(config)),
    complaint(raw) {
      const [issue] = config.safeParse(raw).error?.issues ?? [];
      return issue === undefined ? null : `${issue.path.join(".")}: ${issue.message}`;
    },
    run: (raw, bench) => work(config.parse(raw), bench),
  };
}

/** A JSON file a person can read. */
export const toJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
