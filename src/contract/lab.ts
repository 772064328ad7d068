import { z } from "zod";

/** A lab as GET /v1/labs lists it (hubify-api §3.2, labs row). */
export const Lab = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  template: z.string().nullable(),
  visibility: z.enum(["public", "private"]),
  experiment_count: z.number().int(),
  agent_count: z.number().int(),
  created_at: z.string(),
});
export type Lab = z.infer<typeof Lab>;

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
