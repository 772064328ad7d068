import { z } from "zod";
import { sampleIds } from "../../contract/sample-ids.js";
import {
  Learning,
  LearningStats,
  NewLearning,
  NewSkill,
  Skill,
  SkillSummary,
  SkillVersion,
} from "../../contract/skill.js";
import { defineOperation } from "../http/route.js";

// Calls of the older product (Convex API seed). Names of skills and not ids: `skills:getByName {name}`, `learning:report {skillName}`.

const params = z.object({ name: z.string().min(1).max(200) });
const ofVersion = { version: SkillVersion.optional() };
const limit = z.coerce.number().int().min(1).max(100).default(20);
const page = { limit, cursor: z.string().optional() };
const example = { params: { name: sampleIds.skill } };

export const registerSkill = defineOperation({
  method: "post",
  path: "/v1/skills",
  needs: "knowledge:write",
  summary:
    "Register a skill, or a later version of one: it comes from the version before and begins with its confidence",
  body: NewSkill,
  result: Skill,
  status: 201,
  call: { path: "skills:register", kind: "mutation" },
  example: {
    body: {
      name: "chain-diagnostics",
      version: "1.0.0",
      description: "Reads convergence out of chains",
      tags: ["mcmc"],
    },
  },
  handle: async ({ skills }, { body }) => ({ data: await skills.register(body) }),
});

export const listSkills = defineOperation({
  method: "get",
  path: "/v1/skills",
  needs: "knowledge:read",
  summary: "Newest versions of all skills, newest first, without their content",
  query: z.object(page),
  result: z.array(SkillSummary),
  call: { path: "skills:list", kind: "query" },
  example: { query: { limit: 5 } },
  async handle({ skills }, { query }) {
    const { rows, nextCursor, hasMore } = await skills.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const searchSkills = defineOperation({
  method: "get",
  path: "/v1/skills/search",
  needs: "knowledge:read",
  summary: "Skills by part of a name, a description or a tag; the best names first, then the most confident",
  query: z.object({ query: z.string().trim().min(1).max(200), limit }),
  result: z.array(SkillSummary),
  call: { path: "skills:search", kind: "query" },
  example: { query: { query: "typescript" } },
  handle: async ({ skills }, { query }) => ({ data: await skills.search(query), nextCursor: null, hasMore: false }),
});

export const getSkill = defineOperation({
  method: "get",
  path: "/v1/skills/{name}",
  needs: "knowledge:read",
  summary: "The newest version of a skill, or the one that is named, with its content",
  params,
  query: z.object(ofVersion),
  result: Skill,
  call: { path: "skills:getByName", kind: "query" },
  example,
  handle: async ({ skills }, { params: { name }, query }) => ({ data: await skills.getByName(name, query.version) }),
});

export const skillLineage = defineOperation({
  method: "get",
  path: "/v1/skills/{name}/lineage",
  needs: "knowledge:read",
  summary: "A version of a skill and what it came from, up to the first",
  params,
  query: z.object(ofVersion),
  result: z.array(SkillSummary),
  call: { path: "skills:lineage", kind: "query" },
  example,
  handle: async ({ skills }, { params: { name }, query }) => ({
    data: await skills.lineage(name, query.version),
    nextCursor: null,
    hasMore: false,
  }),
});

export const reportLearning = defineOperation({
  method: "post",
  path: "/v1/learning",
  needs: "knowledge:write",
  summary: "Report how an execution of a skill ended; that moves the skill's confidence",
  body: NewLearning,
  result: z.object({ learning: Learning, skill: SkillSummary }),
  status: 201,
  call: { path: "learning:report", kind: "mutation" },
  example: { body: { skillName: sampleIds.skill, outcome: "success", platform: "claude-code" } },
  handle: async ({ learning }, { body }) => ({ data: await learning.report(body) }),
});

const skillName = z.string().min(1).max(200);

export const listLearning = defineOperation({
  method: "get",
  path: "/v1/learning",
  needs: "knowledge:read",
  summary: "Reported executions of a version of a skill, newest first; the newest 10,000 are kept",
  query: z.object({ skillName, ...ofVersion, ...page }),
  result: z.array(Learning),
  call: { path: "learning:list", kind: "query" },
  example: { query: { skillName: sampleIds.skill } },
  async handle({ learning }, { query: { skillName, ...query } }) {
    const { rows, nextCursor, hasMore } = await learning.list(skillName, query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const learningStats = defineOperation({
  method: "get",
  path: "/v1/learning/stats",
  needs: "knowledge:read",
  summary: "What executions of a skill tell: rates, platforms, the last 30 days and their trend",
  query: z.object({ skillName, ...ofVersion }),
  result: LearningStats,
  call: { path: "learning:stats", kind: "query" },
  example: { query: { skillName: sampleIds.skill } },
  handle: async ({ learning }, { query: { skillName, version } }) => ({
    data: await learning.stats(skillName, version),
  }),
});
