import { z } from "zod";
import { Plan, Scope } from "./access.js";

/** A key of the API as it is listed: never the key itself. Times are ms since 1970 UTC; the same as ISO texts in the REST style. */
export const ApiKey = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  name: z.string(),
  /** How the key begins, to tell it from others. */
  prefix: z.string(),
  /** null: of all labs. */
  labId: z.string().nullable(),
  scopes: z.array(Scope),
  /** null: its lab's, or the limits that the server was started with. */
  plan: Plan.nullable(),
  createdBy: z.string(),
  createdAt: z.number(),
  created_at: z.string(),
  /** null: never. */
  expiresAt: z.number().nullable(),
  expires_at: z.string().nullable(),
  /** To the minute. */
  lastUsedAt: z.number().nullable(),
  last_used_at: z.string().nullable(),
  revokedAt: z.number().nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** A key that was just made: shown this once. */
export const MadeApiKey = ApiKey.extend({
  key: z.string(),
  /** The same, as the older calls name it. */
  token: z.string(),
  /** `_id`, as the older calls name it. */
  tokenId: z.string(),
});
export type MadeApiKey = z.infer<typeof MadeApiKey>;

const longestLifeSeconds = 10 * 365 * 86_400;

export const NewApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(Scope).min(1).max(50),
  /** Id or slug; null: all labs, those that come later too. Default: the caller's lab, or all for the owner. */
  labId: z.string().min(1).nullable().optional(),
  /** Seconds from now. */
  expiresIn: z.number().positive().max(longestLifeSeconds).optional(),
  /** ms; null: never. */
  expiresAt: z.number().int().positive().nullable().optional(),
  plan: Plan.nullable().optional(),
});
export type NewApiKey = z.infer<typeof NewApiKey>;
