import { z } from "zod";
import { severities } from "./vocabulary.js";

export const Severity = z.enum(severities);
export type Severity = z.infer<typeof Severity>;

/** One thing that happened in a lab. Event names are hubify-api §5.11's (`experiment.started`), and ours in the same style. */
export const Activity = z.object({
  _id: z.string(),
  id: z.string(),
  _creationTime: z.number(),
  labId: z.string(),
  event: z.string(),
  severity: Severity,
  /** In words: `EXP-054 failed: exit code 3`. */
  message: z.string(),
  /** `owner`, `key ci`, `agent alpha`; `lab` for what the lab did by itself. */
  actor: z.string(),
  /** Document id of what it happened to. */
  ref: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  /** ms */
  createdAt: z.number(),
});
export type Activity = z.infer<typeof Activity>;
