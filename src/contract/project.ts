import { z } from "zod";
import { slugPattern } from "../core/slug.js";
import { projectStatuses } from "./vocabulary.js";

export const ProjectStatus = z.enum(projectStatuses);
export type ProjectStatus = z.infer<typeof ProjectStatus>;

/** The name of a project or paper in addresses. */
export const Slug = z.string().max(60).regex(slugPattern, "must be lower-case words joined by dashes: dark-energy-dr2");

const count = z.number().int().nonnegative();

/** What a lab wants to find out: it gathers experiments and papers. Fields of hubify-api §5.9. */
export const Project = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  slug: z.string(),
  name: z.string(),
  goal: z.string().nullable(),
  deliverable: z.string().nullable(),
  /** How anybody can tell that the goal is reached. */
  measurable: z.string().nullable(),
  status: ProjectStatus,
  /** How many of its experiments are in each status. */
  experiments: z.object({
    draft: count,
    queued: count,
    running: count,
    pass: count,
    fail: count,
    blocked: count,
    total: count,
  }),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Project = z.infer<typeof Project>;

const name = z.string().trim().min(1).max(200);
const words = z.string().trim().max(10_000).nullable();

/** Body of POST /v1/projects; without a slug it gets one from its name. */
export const NewProject = z.object({
  labId: z.string().min(1),
  name,
  slug: Slug.optional(),
  goal: words.optional(),
  deliverable: words.optional(),
  measurable: words.optional(),
  status: ProjectStatus.default("active"),
});
export type NewProject = z.input<typeof NewProject>;

/** Body of PATCH /v1/projects/{projectId}; null takes a text away. */
export const ProjectPatch = z.object({
  name: name.optional(),
  slug: Slug.optional(),
  goal: words.optional(),
  deliverable: words.optional(),
  measurable: words.optional(),
  status: ProjectStatus.optional(),
});
export type ProjectPatch = z.infer<typeof ProjectPatch>;
