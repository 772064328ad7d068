import { z } from "zod";
import { Plan, Scope } from "./access.js";

/** Longest life of a session, seconds. */
export const longestSessionSeconds = 86_400;

const Ttl = z.number().positive().max(longestSessionSeconds).default(3600);

export const NewSession = z.strictObject({
  /** Whose session it is: it stands in histories as `agent <agentId>`. */
  agentId: z.string().trim().min(1).max(200),
  /** Seconds. */
  ttl: Ttl,
  metadata: z.record(z.string(), z.unknown()).optional(),
  /** Id or slug; default: where the caller may do something. */
  labId: z.string().min(1).optional(),
  /** Default: what the caller may do. */
  scopes: z.array(Scope).min(1).max(50).optional(),
});
export type NewSession = z.infer<typeof NewSession>;

/** A session that was just made or prolonged. The token of a prolonged one stays as it is. */
export const MadeSession = z.object({
  token: z.string(),
  sessionId: z.string(),
  /** ms since 1970 UTC. */
  expiresAt: z.number(),
});
export type MadeSession = z.infer<typeof MadeSession>;

/** Its token and how much longer it is to live, seconds from now. */
export const SessionRefresh = z.strictObject({ token: z.string().min(1).max(500), ttl: Ttl });

/** By token, by id, or neither: the one that asks. */
export const SessionEnd = z.strictObject({
  token: z.string().min(1).max(500).optional(),
  sessionId: z.string().min(1).optional(),
});
export type SessionEnd = z.infer<typeof SessionEnd>;

/** Whether a token is one of a session that lives. Nothing is said of one that does not. */
export const SessionCheck = z.object({
  valid: z.boolean(),
  agentId: z.string().nullable(),
  expiresAt: z.number().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
});
export type SessionCheck = z.infer<typeof SessionCheck>;

/** A session as it is listed. */
export const Session = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  sessionId: z.string(),
  agentId: z.string(),
  labId: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  createdBy: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
});
export type Session = z.infer<typeof Session>;

/** Who asks. */
export const Caller = z.object({
  kind: z.enum(["owner", "key", "session", "jwt"]),
  id: z.string(),
  name: z.string(),
  /** What it may do, lab by lab; `*` for all labs, those that come later too. */
  grants: z.array(z.object({ labId: z.string(), scope: z.string() })),
  scopes: z.array(z.string()),
  labs: z.array(z.object({ id: z.string(), slug: z.string(), name: z.string() })),
  plan: Plan.nullable(),
  /** null: the server's own limit by minute, none by day. */
  requestsPerMinute: z.number().nullable(),
  requestsPerDay: z.number().nullable(),
  expiresAt: z.number().nullable(),
});
export type Caller = z.infer<typeof Caller>;
