import { z } from "zod";
import {
  Agent,
  AgentActivity,
  AgentMessage,
  AgentMetrics,
  AgentPatch,
  AgentRole,
  AgentStatus,
  NewAgent,
  NewAgentActivity,
  NewAgentMessage,
} from "../../contract/agent.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

const params = z.object({ agentId: z.string() });
const page = { limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().optional() };
const example = { params: { agentId: sampleIds.agent } };
const activityPage = { ...page, limit: z.coerce.number().int().min(1).max(200).default(50) };

export const createAgent = defineOperation({
  method: "post",
  path: "/v1/agents",
  needs: "agents:write",
  summary: "Register an agent; the lab runs none and calls no model",
  body: NewAgent,
  result: Agent,
  status: 201,
  call: { path: "agents:create", kind: "mutation" },
  example: { body: { labId: sampleIds.lab, name: "reader", role: "worker", capabilities: ["literature"] } },
  handle: async ({ agents }, { body }) => ({ data: await agents.create(body) }),
});

export const listAgents = defineOperation({
  method: "get",
  path: "/v1/agents",
  needs: "agents:read",
  summary: "Agents of a lab, newest first",
  query: z.object({
    labId: z.string().min(1),
    role: AgentRole.optional(),
    status: AgentStatus.optional(),
    ...page,
  }),
  result: z.array(Agent),
  call: { path: "agents:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ agents }, { query }) {
    const { rows, nextCursor, hasMore } = await agents.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const getAgent = defineOperation({
  method: "get",
  path: "/v1/agents/{agentId}",
  needs: "agents:read",
  summary: "One agent",
  params,
  result: Agent,
  call: { path: "agents:get", kind: "query" },
  example: example,
  handle: async ({ agents }, { params: { agentId } }) => ({ data: await agents.get(agentId) }),
});

export const patchAgent = defineOperation({
  method: "patch",
  path: "/v1/agents/{agentId}",
  needs: "agents:write",
  summary: "Change fields of an agent; the others stay",
  params,
  body: AgentPatch,
  result: Agent,
  call: { path: "agents:patch", kind: "mutation" },
  example: { ...example, body: { role: "lead" } },
  handle: async ({ agents }, { params: { agentId }, body }) => ({ data: await agents.patch(agentId, body) }),
});

export const deleteAgent = defineOperation({
  method: "delete",
  path: "/v1/agents/{agentId}",
  needs: "agents:write",
  summary: "Delete an agent; who reported to it reports to its superior, and its tasks are nobody's",
  params,
  result: z.object({ id: z.string(), name: z.string(), deleted: z.literal(true) }),
  call: { path: "agents:remove", kind: "mutation" },
  example: { params: { agentId: sampleIds.retiredAgent } },
  handle: async ({ agents }, { params: { agentId } }) => ({
    data: { ...(await agents.remove(agentId)), deleted: true },
  }),
});

export const startAgent = defineOperation({
  method: "post",
  path: "/v1/agents/{agentId}/start",
  needs: "agents:write",
  summary: "Note that an agent works: its status is active",
  params,
  result: Agent,
  call: { path: "agents:start", kind: "mutation" },
  example,
  handle: async ({ agents }, { params: { agentId } }) => ({ data: await agents.start(agentId) }),
});

export const stopAgent = defineOperation({
  method: "post",
  path: "/v1/agents/{agentId}/stop",
  needs: "agents:write",
  summary: "Note that an agent rests: its status is idle",
  params,
  result: Agent,
  call: { path: "agents:stop", kind: "mutation" },
  example,
  handle: async ({ agents }, { params: { agentId } }) => ({ data: await agents.stop(agentId) }),
});

export const agentActivity = defineOperation({
  method: "get",
  path: "/v1/agents/{agentId}/activity",
  needs: "agents:read",
  summary: "What an agent did, newest first; the newest 10,000 entries are kept",
  params,
  query: z.object(activityPage),
  result: z.array(AgentActivity),
  call: { path: "agents:activity", kind: "query" },
  example,
  async handle({ agents }, { params: { agentId }, query }) {
    const { rows, nextCursor, hasMore } = await agents.activity(agentId, query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const reportAgentActivity = defineOperation({
  method: "post",
  path: "/v1/agents/{agentId}/activity",
  needs: "agents:write",
  summary: "Note what an agent did; kinds error and escalation are told to the lab as well",
  params,
  body: NewAgentActivity,
  result: AgentActivity,
  status: 201,
  call: { path: "agents:report", kind: "mutation" },
  example: {
    ...example,
    body: { kind: "escalation", message: "R-1 stands at 0.2 for 12 h", metadata: { rminus1: 0.2 } },
  },
  handle: async ({ agents }, { params: { agentId }, body }) => ({ data: await agents.report(agentId, body) }),
});

export const agentMessages = defineOperation({
  method: "get",
  path: "/v1/agents/{agentId}/messages",
  needs: "agents:read",
  summary: "Messages to and from an agent, newest first; the newest 10,000 are kept",
  params,
  query: z.object(activityPage),
  result: z.array(AgentMessage),
  call: { path: "agents:messages", kind: "query" },
  example,
  async handle({ agents }, { params: { agentId }, query }) {
    const { rows, nextCursor, hasMore } = await agents.messages(agentId, query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const sendAgentMessage = defineOperation({
  method: "post",
  path: "/v1/agents/{agentId}/messages",
  needs: "agents:write",
  summary:
    "Keep a message for an agent; nothing answers by itself: the program behind it reads and answers with role agent",
  params,
  body: NewAgentMessage,
  result: AgentMessage,
  status: 201,
  call: { path: "agents:send", kind: "mutation" },
  example: { ...example, body: { content: "Look at the last chain first." } },
  handle: async ({ agents }, { params: { agentId }, body }) => ({ data: await agents.send(agentId, body) }),
});

export const agentMetrics = defineOperation({
  method: "get",
  path: "/v1/agents/{agentId}/metrics",
  needs: "agents:read",
  summary: "Its tasks, how many were approved, and what it did by day; null is unknown",
  params,
  result: AgentMetrics,
  call: { path: "agents:metrics", kind: "query" },
  example,
  handle: async ({ agents }, { params: { agentId } }) => ({ data: await agents.metrics(agentId) }),
});
