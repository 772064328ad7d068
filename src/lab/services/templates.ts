import { type LabTemplate, NewTemplate, TemplatePatch } from "../../contract/template.js";
import { needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { LabStore } from "../store/store.js";
import { findTemplate, mergeConfig } from "./experiment-config.js";
import type { LabsService } from "./labs.js";
import type { Page } from "./page.js";
import { checkDraft, type TemplateDraft } from "./template-check.js";
import { insertTemplate, tellTemplate, updateTemplate } from "./template-edits.js";
import { draftFrom, templateOf } from "./template-from-experiment.js";
import { checkParameters, defaultsOf } from "./template-parameters.js";
import { renderTitle } from "./template-placeholders.js";
import { type BuiltIn, findOwn, listPage, ownTemplates, toBuiltIn, toTemplate } from "./template-rows.js";

type Json = Readonly<Record<string, unknown>>;

export interface TemplatesQuery {
  /** Id or slug; the first lab where there is none. */
  readonly labId?: string | undefined;
  /** 1..100. */
  readonly limit: number;
  /** `_id` of the last row of the page before. */
  readonly cursor?: string | undefined;
}

/** `ref` is a document id or a name; a name means the lab's own template first, then the built-in one. */
export interface TemplatesService {
  /** The built-in ones, then the lab's own, oldest first. */
  list(query: TemplatesQuery): Promise<Page<LabTemplate>>;
  get(ref: string, labId?: string): Promise<LabTemplate>;
  create(draft: NewTemplate): Promise<LabTemplate>;
  /** Experiments that were made of it before keep what it was then. */
  patch(ref: string, changes: TemplatePatch, labId?: string): Promise<LabTemplate>;
  /** Experiments that were made of it go on as before. */
  remove(ref: string, labId?: string): Promise<LabTemplate>;
  /**
   * The template that new experiments name: what is answered looks at the config of each. `like` is the document id of the experiment
   * that is made again: with its template as it was then, even if that is gone.
   */
  use(labId: string, name: string, like?: string): Promise<UseTemplate>;
}

export interface DraftOfExperiment {
  readonly title: string;
  readonly config: Json;
}

/** Refuses a config that the template could not run; answers the title filled in. */
export type UseTemplate = (draft: DraftOfExperiment) => UsedTemplate;

export interface UsedTemplate {
  readonly template: LabTemplate;
  readonly title: string;
}

export interface TemplatesParts {
  readonly store: LabStore;
  readonly labs: Pick<LabsService, "idOf">;
  readonly builtIn: readonly BuiltIn[];
}

/** What can be run by name: the same three programs in every lab, and the lab's own. */
export function createTemplates(parts: TemplatesParts): TemplatesService {
  const { store, labs, builtIn } = parts;
  const programs = (labId: string) => builtIn.map((program) => toBuiltIn(program, labId));
  const complain: Complain = (program, config) =>
    builtIn.find(({ template }) => template.name === program)?.complaint(config) ?? null;
  const cards = builtIn.map(({ template }) => template);
  const check = (draft: TemplateDraft) => checkDraft(draft, { cards, complain });

  const named = async (labId: string, name: string): Promise<LabTemplate> => {
    const own = await findOwn(store, name, labId);
    const found = own?.name === name ? toTemplate(own) : programs(labId).find((program) => program.name === name);
    return found ?? findTemplate(name, [...(await ownTemplates(store, labId)), ...programs(labId)]);
  };
  const find = async (ref: string, lab: string | undefined): Promise<LabTemplate> => {
    const missing = `Template ${ref} does not exist.`;
    const row = await findOwn(store, ref, lab === undefined ? undefined : await labs.idOf(lab));
    if (row !== undefined) {
      needLab(row.lab_id, missing);
      noteRead(`template:${row.id}`);
      return toTemplate(row);
    }
    const labId = await labs.idOf(lab);
    noteRead(`templates:${labId}`);
    const found = programs(labId).find(({ _id, name }) => _id === ref || name === ref);
    if (found === undefined) throw new LabError("not_found", missing);
    return found;
  };
  const findToChange = async (ref: string, labId: string | undefined) => {
    const found = await find(ref, labId);
    if (!found.builtIn) return found;
    const how = `make one of your own from it: {"name": "…", "program": "${found.name}"}`;
    throw new LabError("conflict", `${found.name} is built in and can't be changed; ${how}`);
  };

  return {
    async list(query) {
      const labId = await labs.idOf(query.labId);
      noteRead(`templates:${labId}`);
      return listPage(store, { labId, builtIn: programs(labId) }, query);
    },

    get: (ref, labId) => find(ref, labId),

    async create(given) {
      const wanted = parseOrRefuse(NewTemplate, given);
      const { labId, draft, from } = await draftOf(parts, wanted);
      needLab(labId, `Lab ${labId} does not exist.`);
      check(draft);
      return store.change((change) =>
        insertTemplate(change, { labId, draft, experimentId: from?.experimentId ?? null }),
      );
    },

    async patch(ref, given, labId) {
      const changes = parseOrRefuse(TemplatePatch, given);
      const before = await findToChange(ref, labId);
      const draft = { ...before, ...defined(changes) };
      check(draft);
      return store.change((change) => updateTemplate(change, before, draft));
    },

    async remove(ref, labId) {
      const before = await findToChange(ref, labId);
      await store.change(async (change) => {
        await change.tx.deleteFrom("templates").where("id", "=", before._id).execute();
        tellTemplate(change, "deleted", before);
      });
      return before;
    },

    async use(labId, name, like) {
      const builtIns = programs(labId);
      const kept = like === undefined ? undefined : await templateOf(store, like);
      const template = kept === undefined ? await named(labId, name) : (kept ?? findTemplate(name, builtIns));
      const { parameters, program } = template;
      const base = builtIn.find((one) => one.template.name === program)?.template.config ?? {};
      const defaults = mergeConfig(mergeConfig(base, defaultsOf(parameters)), template.config);
      return ({ title, config }) => {
        const merged = mergeConfig(defaults, config);
        checkParameters(merged, parameters);
        refuseComplaint(program === null ? null : complain(program, merged));
        return { template, title: template.builtIn ? title : renderTitle(title, merged, parameters) };
      };
    },
  };
}

type Complain = (program: string, config: Json) => string | null;

function refuseComplaint(complaint: string | null): void {
  if (complaint !== null) throw new LabError("validation_error", `config.${complaint}`);
}

/** Without what was not given. */
const defined = <T extends object>(changes: T) =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };

async function draftOf({ store, labs, builtIn }: TemplatesParts, wanted: ReturnType<typeof NewTemplate.parse>) {
  const { labId, fromExperiment, ...given } = wanted;
  const from = fromExperiment === undefined ? null : await draftFrom(store, fromExperiment);
  const inLab = labId === undefined ? from?.labId : await labs.idOf(labId);
  if (inLab === undefined) throw new LabError("validation_error", "labId: is required");
  const draft: TemplateDraft = { ...blankDraft(given.name), ...from?.draft, ...defined(given) };
  const inherited = builtIn.find(({ template }) => template.name === draft.program)?.parameters() ?? [];
  const hasOwn = (given.parameters ?? from?.draft.parameters) !== undefined;
  const parameters = hasOwn ? draft.parameters : [...inherited];
  return { labId: inLab, draft: { ...draft, parameters }, from };
}

const blankDraft = (name: string): TemplateDraft => ({
  name,
  title: name,
  description: "",
  computeMode: "CPU",
  config: {},
  parameters: [],
  metricPatterns: [],
  estimatedSeconds: null,
  program: null,
});
