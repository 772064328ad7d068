import { z } from "zod";
import { Plan } from "./access.js";
import { labTemplates } from "./vocabulary.js";

export const visibilities = ["public", "private"] as const;

/** A lab as GET /v1/labs lists it (hubify-api §3.2, labs row). */
export const Lab = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  template: z.string().nullable(),
  visibility: z.enum(visibilities),
  experiment_count: z.number().int(),
  agent_count: z.number().int(),
  created_at: z.string(),
});
export type Lab = z.infer<typeof Lab>;

/** The same as this server answers it: both documented spellings in one object. */
export const LabDocument = Lab.extend({
  _id: z.string(),
  _creationTime: z.number(),
  description: z.string().nullable(),
  /** Limits of its keys that have none of their own. */
  plan: Plan,
  /** This server hosts no sites. */
  site_url: z.null(),
  siteUrl: z.null(),
  experimentCount: z.number().int(),
  agentCount: z.number().int(),
  /** ms. */
  createdAt: z.number(),
  /** ms. */
  updatedAt: z.number(),
});
export type LabDocument = z.infer<typeof LabDocument>;

/** Part of addresses and scopes: `lab:dark-energy:rw`. */
export const LabSlug = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "must be of a-z, 0-9 and -, and begin and end with a letter or digit");

const name = z.string().trim().min(1).max(120);
const description = z.string().max(4000).nullable();

export const NewLab = z.strictObject({
  name,
  /** Default: made from the name. */
  slug: LabSlug.optional(),
  template: z.enum(labTemplates).default("blank"),
  /** Kept and shown; whatever it says, a lab is seen by those whose keys reach it. */
  visibility: z.enum(visibilities).default("private"),
  description: description.default(null),
});
export type NewLab = z.input<typeof NewLab>;

export const LabPatch = z.strictObject({
  name: name.optional(),
  slug: LabSlug.optional(),
  template: z.enum(labTemplates).optional(),
  visibility: z.enum(visibilities).optional(),
  description: description.optional(),
  /** Only the server's owner sets it. */
  plan: Plan.optional(),
});
export type LabPatch = z.infer<typeof LabPatch>;

/** The MCP resource `hubify://lab/status` (hubify-api §5.1), in its own spelling. */
export const LabStatus = z.object({
  /** The slug. */
  lab: z.string(),
  experiments: z.object({
    running: z.number().int(),
    queued: z.number().int(),
    completed_today: z.number().int(),
  }),
  agents: z.object({ total: z.number().int(), active: z.number().int(), idle: z.number().int() }),
  pods: z.object({
    active: z.number().int(),
    /** 0..1; null: no pod tells. */
    gpu_utilization_avg: z.number().nullable(),
    monthly_spend_usd: z.number().nullable(),
  }),
  papers: z.array(z.object({ id: z.string(), readiness: z.number().nullable() })),
});
export type LabStatus = z.infer<typeof LabStatus>;

/** An experiment template the lab can run: GET /v1/experiments/templates. */
export const Template = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  computeMode: z.string(),
  config: z.record(z.string(), z.unknown()),
  estimatedSeconds: z.number().nullable(),
});
export type Template = z.infer<typeof Template>;
