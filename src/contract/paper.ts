import { z } from "zod";
import { Slug } from "./project.js";
import { paperStatuses } from "./vocabulary.js";

export const PaperStatus = z.enum(paperStatuses);
export type PaperStatus = z.infer<typeof PaperStatus>;

export const Paper = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  slug: z.string(),
  title: z.string(),
  abstract: z.string().nullable(),
  authors: z.array(z.string()),
  status: PaperStatus,
  /** 0..1: how far it is, as its authors see it; null: nobody said. */
  readiness: z.number().nullable(),
  projectId: z.string().nullable(),
  /** Number of its newest version; 0 before the first. */
  version: z.number().int(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Paper = z.infer<typeof Paper>;

const title = z.string().trim().min(1).max(500);
const abstract = z.string().max(50_000).nullable();
const authors = z.array(z.string().trim().min(1).max(200)).max(3_000);
const readiness = z.number().min(0).max(1).nullable();
const projectId = z.string().min(1).max(200).nullable();

/** Body of POST /v1/papers; without a slug it gets one from its title. */
export const NewPaper = z.object({
  labId: z.string().min(1),
  title,
  slug: Slug.optional(),
  abstract: abstract.optional(),
  authors: authors.default([]),
  status: PaperStatus.default("draft"),
  readiness: readiness.optional(),
  projectId: projectId.optional(),
});
export type NewPaper = z.input<typeof NewPaper>;

/** Body of PATCH /v1/papers/{paperId}; null takes a value away. */
export const PaperPatch = z.object({
  title: title.optional(),
  slug: Slug.optional(),
  abstract: abstract.optional(),
  authors: authors.optional(),
  status: PaperStatus.optional(),
  readiness: readiness.optional(),
  projectId: projectId.optional(),
});
export type PaperPatch = z.infer<typeof PaperPatch>;

/** One version of a paper, without its content. */
export const PaperVersion = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  paperId: z.string(),
  /** 1, 2, 3 … without gaps. */
  version: z.number().int(),
  note: z.string().nullable(),
  /** Who edited it, as told; else who recorded it. */
  editor: z.string(),
  /** Of the content; null: only the note was recorded. */
  sha256: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  createdAt: z.number(),
});
export type PaperVersion = z.infer<typeof PaperVersion>;

export const PaperVersionContent = PaperVersion.extend({ content: z.string().nullable() });
export type PaperVersionContent = z.infer<typeof PaperVersionContent>;

/** Largest content of a version, bytes of UTF-8. */
export const maxPaperBytes = 2 ** 20;

/** Body of POST /v1/papers/{paperId}/versions. The same content as the newest version's makes no new one. */
export const NewPaperVersion = z.object({
  content: z.string().max(maxPaperBytes).optional(),
  note: z.string().trim().max(5_000).optional(),
  editor: z.string().trim().min(1).max(200).optional(),
});
export type NewPaperVersion = z.infer<typeof NewPaperVersion>;
