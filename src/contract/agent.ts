import { z } from "zod";
import { captain } from "./task.js";
import { agentRoles, agentStatuses } from "./vocabulary.js";

export const AgentRole = z.enum(agentRoles);
export type AgentRole = z.infer<typeof AgentRole>;

export const AgentStatus = z.enum(agentStatuses);
export type AgentStatus = z.infer<typeof AgentStatus>;

/** An agent as the lab has it registered. The lab runs none and calls no model: programs report for them. */
export const Agent = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  name: z.string(),
  role: AgentRole,
  model: z.string().nullable(),
  /** Document id of its superior; null: the captain. */
  reportsTo: z.string().nullable(),
  systemPrompt: z.string().nullable(),
  capabilities: z.array(z.string()),
  status: AgentStatus,
  lastActiveAt: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Agent = z.infer<typeof Agent>;

/** `captain` is taken by the person who leads the lab. */
export const AgentName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .refine((name) => name.toLowerCase() !== captain, "captain is the person who leads the lab; take another name");

const model = z.string().trim().min(1).max(200).nullable();
const reportsTo = z.string().min(1).max(200).nullable();
const systemPrompt = z.string().max(100_000).nullable();
const capabilities = z.array(z.string().trim().min(1).max(100)).max(100);

/** Body of POST /v1/agents. */
export const NewAgent = z.object({
  labId: z.string().min(1),
  name: AgentName,
  role: AgentRole.default("worker"),
  model: model.optional(),
  /** Name or document id of an agent of the lab. */
  reportsTo: reportsTo.optional(),
  systemPrompt: systemPrompt.optional(),
  capabilities: capabilities.default([]),
  status: AgentStatus.default("idle"),
});
export type NewAgent = z.input<typeof NewAgent>;

/** Body of PATCH /v1/agents/{agentId}; null takes a value away. */
export const AgentPatch = z.object({
  name: AgentName.optional(),
  role: AgentRole.optional(),
  model: model.optional(),
  reportsTo: reportsTo.optional(),
  systemPrompt: systemPrompt.optional(),
  capabilities: capabilities.optional(),
  status: AgentStatus.optional(),
});
export type AgentPatch = z.infer<typeof AgentPatch>;

/** What an agent did, as it or its program reported. */
export const AgentActivity = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  agentId: z.string(),
  labId: z.string(),
  kind: z.string(),
  message: z.string(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  createdAt: z.number(),
});
export type AgentActivity = z.infer<typeof AgentActivity>;

const maxMetadataCharacters = 16_384;
const isSmall = (value: unknown) => JSON.stringify(value).length <= maxMetadataCharacters;

/** Body of POST /v1/agents/{agentId}/activity. Kinds `error` and `escalation` are events of the lab as well. */
export const NewAgentActivity = z.object({
  kind: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9_.-]*$/, "must be a lower-case word: error, escalation, task_completed")
    .default("info"),
  message: z.string().trim().min(1).max(10_000),
  metadata: z
    .record(z.string(), z.unknown())
    .refine(isSmall, `must have at most ${maxMetadataCharacters} characters as JSON`)
    .optional(),
});
export type NewAgentActivity = z.input<typeof NewAgentActivity>;

export const AgentMessage = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  agentId: z.string(),
  labId: z.string(),
  /** `user`: to the agent; `agent`: its answer, sent by the program behind it. */
  role: z.enum(["user", "agent"]),
  content: z.string(),
  /** Who sent it: `owner`, `key ci`. */
  sender: z.string(),
  createdAt: z.number(),
});
export type AgentMessage = z.infer<typeof AgentMessage>;

/** Body of POST /v1/agents/{agentId}/messages. */
export const NewAgentMessage = z.object({
  role: AgentMessage.shape.role.default("user"),
  content: z.string().min(1).max(100_000),
});
export type NewAgentMessage = z.input<typeof NewAgentMessage>;

/** null where nobody can know. */
export const AgentMetrics = z.object({
  agentId: z.string(),
  tasksDone: z.number().int(),
  /** Assigned to it and not done. */
  tasksOpen: z.number().int(),
  /** 0..1: the share of its reviewed tasks whose last approval or rejection is an approval. */
  successRate: z.number().nullable(),
  /** From its tasks' creation to their end; of those that are done. */
  meanTaskMs: z.number().nullable(),
  lastActiveAt: z.number().nullable(),
  /** The last 30 days UTC, oldest first; null for days whose activity is not kept any more. */
  activityByDay: z.array(z.object({ day: z.string(), count: z.number().int().nullable() })),
});
export type AgentMetrics = z.infer<typeof AgentMetrics>;
