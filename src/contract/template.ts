import { z } from "zod";
import { ExperimentConfig } from "./experiment.js";
import { Template } from "./lab.js";
import { computeModes } from "./vocabulary.js";

export const parameterTypes = ["number", "integer", "string", "boolean", "enum", "list"] as const;

const mostParameters = 64;
const mostPatterns = 16;
/** Of a template's config, as JSON. */
export const maxTemplateConfigBytes = 64 * 1024;

/** Fields of a config that mean something to the lab: no parameter may take their place. */
const ownFields = Object.keys(ExperimentConfig.shape);

/**
 * A top-level field of the config of every experiment that is made from the template. `min` and `max` bound the value of a number,
 * the length of a string, how many items a list has.
 */
export const TemplateParameter = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "must be letters, digits and _, at most 64, not a digit first")
    .refine((name) => !ownFields.includes(name), { message: "is a field that the lab itself reads of every config" }),
  type: z.enum(parameterTypes),
  description: z.string().max(1000).default(""),
  /** null: none; a run without a value has none either, unless it is required. */
  default: z.unknown().default(null),
  min: z.number().nullable().default(null),
  max: z.number().nullable().default(null),
  /** What an enum may be, or the items of a list. */
  options: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .max(100)
    .nullable()
    .default(null),
  required: z.boolean().default(false),
});
export type TemplateParameter = z.infer<typeof TemplateParameter>;

export const metricTypes = ["number", "percent", "duration"] as const;

/**
 * A number to find in the lines that a run prints. `group` is the number or name of the capturing group that holds it: by default the
 * group named `value` or `v`, else the first, else the whole match. A group named `step` is its abscissa.
 */
export const MetricPattern = z.strictObject({
  name: z.string().regex(/^[A-Za-z_][\w./-]{0,63}$/, "must be letters, digits and _ . / -, at most 64, a letter first"),
  pattern: z.string().min(1).max(500),
  group: z
    .union([z.int().min(0).max(99), z.string().min(1).max(64)])
    .nullable()
    .default(null),
  /** percent: `12 %` is kept as 0.12. duration: `1:02:03` and `4.5 min` are kept in seconds. */
  type: z.enum(metricTypes).default("number"),
});
export type MetricPattern = z.infer<typeof MetricPattern>;

const fields = {
  title: z.string().trim().min(1).max(300),
  description: z.string().max(4000),
  computeMode: z.enum(computeModes),
  config: z.record(z.string(), z.unknown()),
  parameters: z.array(TemplateParameter).max(mostParameters),
  metricPatterns: z.array(MetricPattern).max(mostPatterns),
  estimatedSeconds: z.number().positive(),
  /** Built-in program that it runs; null: its config says what runs. */
  program: z.string().nullable(),
};

/** A template as a lab keeps and sends it. */
export const LabTemplate = Template.extend({
  _id: z.string(),
  _creationTime: z.number().nullable(),
  id: z.string(),
  labId: z.string(),
  parameters: fields.parameters,
  metricPatterns: fields.metricPatterns,
  program: fields.program,
  /** Document id of the experiment that it was made of. */
  fromExperiment: z.string().nullable(),
  /** Comes with the lab, in every one, and never changes. */
  builtIn: z.boolean(),
  createdAt: z.number().nullable(),
  updatedAt: z.number().nullable(),
});
export type LabTemplate = z.infer<typeof LabTemplate>;

/** What a form needs of one. */
export const OfferedTemplate = Template.extend({ parameters: fields.parameters.optional() });
export type OfferedTemplate = z.infer<typeof OfferedTemplate>;

/** Body of POST /v1/experiments/templates. `fromExperiment` fills in whatever is not given. */
export const NewTemplate = z.object({
  labId: z.string().min(1).optional(),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, "must be letters, digits and _ . -, at most 64, a letter or digit first"),
  title: fields.title.optional(),
  description: fields.description.optional(),
  computeMode: fields.computeMode.optional(),
  config: fields.config.optional(),
  parameters: fields.parameters.optional(),
  metricPatterns: fields.metricPatterns.optional(),
  estimatedSeconds: fields.estimatedSeconds.optional(),
  program: fields.program.optional(),
  fromExperiment: z.string().min(1).optional(),
});
export type NewTemplate = z.input<typeof NewTemplate>;

/** Body of PATCH /v1/experiments/templates/{templateId}: what is given is replaced, the rest stays. */
export const TemplatePatch = NewTemplate.omit({ labId: true, fromExperiment: true }).partial();
export type TemplatePatch = z.input<typeof TemplatePatch>;
