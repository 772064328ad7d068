import type { Generated } from "kysely";

// Who may do what, and what was asked; see schema.ts.

export interface ApiKeysTable {
  n: Generated<number>;
  id: string;
  lab_id: string | null;
  name: string;
  prefix: string;
  hash: string;
  /** As they were asked for, JSON. */
  scopes: string;
  /** What they came to then, JSON: a slug that another lab takes later gives nothing. */
  grants: string;
  plan: string | null;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface SessionsTable {
  n: Generated<number>;
  id: string;
  lab_id: string | null;
  hash: string;
  agent_id: string;
  grants: string;
  plan: string | null;
  metadata: string | null;
  created_by: string;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
}

export interface RequestDaysTable {
  actor: string;
  day: number;
  requests: number;
}

export interface IdempotencyKeysTable {
  actor: string;
  key: string;
  request_hash: string;
  status: number | null;
  answer: string | null;
  at: number;
}
