import { z } from "zod";
import { planLimits } from "../../contract/access.js";
import { ApiKey, MadeApiKey, NewApiKey } from "../../contract/api-key.js";
import { sampleIds } from "../../contract/sample-ids.js";
import {
  Caller,
  MadeSession,
  NewSession,
  Session,
  SessionCheck,
  SessionEnd,
  SessionRefresh,
} from "../../contract/session.js";
import { owner } from "../access/actor.js";
import { currentActor } from "../access/asking.js";
import { scopeOf } from "../access/scopes.js";
import { defineOperation } from "../http/route.js";

const page = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
};

export const createKey = defineOperation({
  method: "post",
  path: "/v1/auth/keys",
  needs: "keys:write",
  summary: "Make an API key; it is shown this once",
  body: NewApiKey,
  result: MadeApiKey,
  status: 201,
  isSecret: true,
  call: { path: "auth:createApiToken", kind: "mutation" },
  example: { body: { name: "ci", scopes: ["labs:read", "experiments:*"], labId: sampleIds.lab, expiresIn: 2_592_000 } },
  handle: async ({ keys }, { body }) => ({ data: await keys.create(body) }),
});

export const listKeys = defineOperation({
  method: "get",
  path: "/v1/auth/keys",
  needs: "keys:read",
  summary: "API keys, newest first, revoked ones too; never the keys themselves",
  query: z.object({ labId: z.string().min(1).optional(), ...page }),
  result: z.array(ApiKey),
  call: { path: "auth:listApiTokens", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ keys }, { query }) {
    const { rows, nextCursor, hasMore } = await keys.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const revokeKey = defineOperation({
  method: "delete",
  path: "/v1/auth/keys/{tokenId}",
  needs: "keys:write",
  summary: "Revoke an API key, by id or prefix; it ends at once, with the sessions and keys that it made",
  params: z.object({ tokenId: z.string().min(1).max(100) }),
  result: ApiKey,
  call: { path: "auth:revokeApiToken", kind: "mutation" },
  example: { params: { tokenId: sampleIds.apiKey } },
  handle: async ({ keys }, { params }) => ({ data: await keys.revoke(params.tokenId) }),
});

export const createSession = defineOperation({
  method: "post",
  path: "/v1/auth/sessions",
  needs: "any",
  summary: "Make a short-lived token for an agent, which may do what you may, or less",
  body: NewSession,
  result: MadeSession,
  status: 201,
  isSecret: true,
  call: { path: "auth:createSession", kind: "mutation" },
  example: { body: { agentId: "agent_abc123", ttl: 3600 } },
  handle: async ({ sessions }, { body }) => ({ data: await sessions.create(body) }),
});

export const listSessions = defineOperation({
  method: "get",
  path: "/v1/auth/sessions",
  needs: "any",
  summary: "Sessions that live and that you made; the owner sees all",
  query: z.object(page),
  result: z.array(Session),
  call: { path: "auth:listSessions", kind: "query" },
  example: { query: { limit: 5 } },
  async handle({ sessions }, { query }) {
    const { rows, nextCursor, hasMore } = await sessions.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const validateSession = defineOperation({
  method: "post",
  path: "/v1/auth/sessions/validate",
  needs: "any",
  summary: "Whether a token is one of a session that lives, and whose it is",
  body: SessionRefresh.pick({ token: true }),
  result: SessionCheck,
  call: { path: "auth:validateSession", kind: "query" },
  example: { body: { token: "hs_live_abc123" } },
  handle: async ({ sessions }, { body }) => ({ data: await sessions.validate(body.token) }),
});

export const refreshSession = defineOperation({
  method: "post",
  path: "/v1/auth/sessions/refresh",
  needs: "any",
  summary: "Let a session live `ttl` seconds from now",
  body: SessionRefresh,
  result: MadeSession,
  isSecret: true,
  call: { path: "auth:refreshSession", kind: "mutation" },
  example: { body: { token: sampleIds.sessionToken, ttl: 7200 } },
  handle: async ({ sessions }, { body }) => ({ data: await sessions.refresh(body.token, body.ttl) }),
});

const Ended = z.object({ sessionId: z.string(), ended: z.literal(true) });

export const endSession = defineOperation({
  method: "post",
  path: "/v1/auth/sessions/end",
  needs: "any",
  summary: "End a session, by its token or its id; without either, the one that asks",
  body: SessionEnd,
  result: Ended,
  call: { path: "auth:endSession", kind: "mutation" },
  example: { body: { token: sampleIds.sessionToken } },
  handle: async ({ sessions }, { body }) => ({ data: await sessions.end(body) }),
});

export const whoAmI = defineOperation({
  method: "get",
  path: "/v1/auth/me",
  needs: "any",
  summary: "Who you are, what you may do and how often",
  result: Caller,
  call: { path: "auth:me", kind: "query" },
  example: {},
  async handle({ labs }) {
    const { kind, id, name, grants, plan, expiresAt } = currentActor() ?? owner;
    const { rows } = await labs.list({ limit: 100 });
    const limits = plan === null ? null : planLimits[plan];
    return {
      data: {
        kind,
        id,
        name,
        grants: grants.map((grant) => ({ labId: grant.labId, scope: scopeOf(grant) })),
        scopes: [...new Set(grants.map(scopeOf))],
        labs: rows.map((lab) => ({ id: lab.id, slug: lab.slug, name: lab.name })),
        plan,
        requestsPerMinute: limits?.perMinute ?? null,
        requestsPerDay: limits?.perDay ?? null,
        expiresAt,
      },
    };
  },
});
