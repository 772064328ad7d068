import { z } from "zod";

/** What a figure may be; told from its first bytes, not from its name. */
export const figureTypes = ["image/png", "image/jpeg", "image/svg+xml", "application/pdf", "image/webp"] as const;

/** How it came: found among the outputs of a run, uploaded, or sent by the pipeline. */
export const figureSources = ["run", "upload", "pipeline"] as const;

export const Figure = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  title: z.string(),
  fileName: z.string(),
  mimeType: z.enum(figureTypes),
  /** Bytes. */
  size: z.number(),
  sha256: z.string(),
  /** Pixels; null where the format has none, or does not say. */
  width: z.number().nullable(),
  height: z.number().nullable(),
  paperId: z.string().nullable(),
  /** Document id; it stays when the experiment is deleted. */
  experimentId: z.string().nullable(),
  attempt: z.number().nullable(),
  scriptFile: z.string().nullable(),
  figureType: z.string().nullable(),
  caption: z.string().nullable(),
  source: z.enum(figureSources),
  /** Where it was in the run directory. */
  sourcePath: z.string().nullable(),
  imageUrl: z.string(),
  downloadUrl: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Figure = z.infer<typeof Figure>;

const words = (longest: number) => z.string().trim().max(longest);

/** What is told about a figure beside its file. */
const about = {
  paperId: words(200).nullable().optional(),
  experimentId: words(200).nullable().optional(),
  scriptFile: words(1024).nullable().optional(),
  figureType: words(100).nullable().optional(),
  caption: words(10_000).nullable().optional(),
};

/** The fields of an upload; `file` comes along as the part with the bytes. */
export const NewFigure = z.strictObject({ labId: z.string().min(1), title: words(500).min(1), ...about });
export type NewFigure = z.infer<typeof NewFigure>;

export const FigurePatch = z.strictObject({ title: words(500).min(1).optional(), ...about });
export type FigurePatch = z.infer<typeof FigurePatch>;
