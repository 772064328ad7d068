import { type Command, Option } from "commander";
import type { LabApi } from "../../../connections/lab-api.js";
import type { NewExperiment } from "../../../contract/experiment.js";
import { computeModes, priorities } from "../../../contract/vocabulary.js";
import { FailureError } from "../../../core/failure.js";
import { readConfigOption } from "../../config-option.js";
import { assignment, listed, positiveInteger, positiveNumber } from "../../option-values.js";

/** What an experiment is to be: options of `experiments create`, `experiments copy` and `batches create`. */
export interface DraftOptions {
  readonly title?: string;
  readonly template?: string;
  readonly priority?: (typeof priorities)[number];
  readonly compute?: (typeof computeModes)[number];
  readonly config?: string;
  readonly param?: Readonly<Record<string, unknown>>;
  readonly queue?: string;
  readonly project?: string;
  readonly parent?: string;
  readonly dependsOn?: readonly string[];
  readonly draft?: boolean;
  readonly retry?: number;
  readonly maxSeconds?: number;
  readonly estimatedSeconds?: number;
  readonly json?: boolean;
}

export const addDraftOptions = (command: Command): Command =>
  command
    .option("--title <text>", "its title; default is the template's")
    .option("--template <name>", "what it runs; `templates list` has them")
    .addOption(new Option("--priority <priority>", "place in the queue; default normal").choices(priorities))
    .addOption(new Option("--compute <mode>", "where it runs; default is the template's").choices(computeModes))
    .option("--config <json>", "its config as JSON, or @FILE")
    .option("--param <name=value>", "a field of its config; may be given more than once", assignment)
    .option("--queue <name>", "default is `default`")
    .option("--project <slug>", "what it is part of")
    .option("--parent <id>", "begin when this one has passed, with its outputs at hand")
    .option("--depends-on <ids>", "what must pass first; with commas, or more than once", listed)
    .option("--draft", "do not queue it yet")
    .option("--retry <n>", "attempts in all, when it fails or is lost", positiveInteger)
    .option("--max-seconds <n>", "stop it after so long", positiveNumber)
    .option("--estimated-seconds <n>", "what it is expected to take", positiveNumber);

type Draft = Partial<Omit<NewExperiment, "labId">>;

/** The body those options say. The lab looks names up among its own. */
export async function draftOf(options: DraftOptions): Promise<Draft> {
  const { title, template, priority, compute, queue, project, parent, dependsOn, draft, estimatedSeconds } = options;
  const config = await configOf(options);
  return withoutUndefined({
    title,
    template,
    priority,
    computeMode: compute,
    queue,
    projectId: project,
    parent,
    dependsOn: dependsOn && [...dependsOn],
    draft,
    estimatedSeconds,
    config: Object.keys(config).length === 0 ? undefined : config,
  });
}

/** What a template says where the options don't: a title must come from somewhere. One that is not there is for the lab to refuse. */
export async function completeDraft({ client, lab }: LabApi, draft: Draft): Promise<Omit<NewExperiment, "labId">> {
  const name = draft.template;
  const template = name === undefined ? undefined : await client.templates.get(name, lab.id).catch(() => undefined);
  const title = draft.title ?? template?.title ?? name;
  if (title === undefined) {
    const hint = "give --title, or a --template that has one";
    throw new FailureError({ kind: "invalid", message: "no title", hint });
  }
  const computeMode = draft.computeMode ?? computeModes.find((mode) => mode === template?.computeMode);
  return { ...draft, title, ...(computeMode === undefined ? {} : { computeMode }) };
}

async function configOf({ config, param, retry, maxSeconds }: DraftOptions): Promise<Record<string, unknown>> {
  return {
    ...(config === undefined ? {} : await readConfigOption(config)),
    ...param,
    ...(retry === undefined ? {} : { retry: { maxAttempts: retry } }),
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const withoutUndefined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
