import type { Generated } from "kysely";

// The small nouns of research, and what is learned of skills; see schema.ts.

export interface ProjectsTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  slug: string;
  name: string;
  goal: string | null;
  deliverable: string | null;
  measurable: string | null;
  status: string;
  created_at: number;
  updated_at: number;
}

/** How many of a project's experiments are in each status; triggers of `experiments` keep it. */
export interface ProjectExperimentsTable {
  project_id: string;
  status: string;
  count: number;
}

export interface TasksTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  display_id: string;
  title: string;
  description: string | null;
  status: string;
  priority: string;
  assigned_to: string | null;
  experiment_id: string | null;
  due_at: number | null;
  created_by: string;
  created_at: number;
  updated_at: number;
  completed_at: number | null;
}

export interface TaskReviewsTable {
  n: Generated<number>;
  id: string;
  task_id: string;
  verdict: string;
  summary: string;
  findings: Generated<string>;
  model: string | null;
  reviewer: string;
  created_at: number;
}

export interface AgentsTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  name: string;
  role: string;
  model: string | null;
  reports_to: string | null;
  system_prompt: string | null;
  capabilities: Generated<string>;
  status: string;
  last_active_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface AgentMessagesTable {
  n: Generated<number>;
  id: string;
  agent_id: string;
  lab_id: string;
  role: string;
  content: string;
  sender: string;
  at: number;
}

export interface AgentEventsTable {
  n: Generated<number>;
  id: string;
  agent_id: string;
  lab_id: string;
  kind: string;
  message: string;
  metadata: string | null;
  at: number;
}

export interface PapersTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  slug: string;
  title: string;
  abstract: string | null;
  authors: Generated<string>;
  status: string;
  readiness: number | null;
  project_id: string | null;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface PaperVersionsTable {
  n: Generated<number>;
  id: string;
  paper_id: string;
  version: number;
  note: string | null;
  sha256: string | null;
  size_bytes: number | null;
  editor: string;
  created_at: number;
  content: string | null;
}

export interface SkillsTable {
  n: Generated<number>;
  id: string;
  name: string;
  version: string;
  description: string;
  tags: Generated<string>;
  /** 0..1: what its confidence begins with. */
  prior: number;
  /** 0..100 */
  confidence: number;
  successes: Generated<number>;
  failures: Generated<number>;
  partials: Generated<number>;
  parent_id: string | null;
  status: Generated<string>;
  created_by: string;
  created_at: number;
  updated_at: number;
  content: string | null;
}

export interface LearningsTable {
  n: Generated<number>;
  id: string;
  skill_id: string;
  outcome: string;
  platform: string | null;
  note: string | null;
  duration_ms: number | null;
  actor: string;
  at: number;
}

export interface LearningDaysTable {
  skill_id: string;
  day: number;
  platform: string;
  successes: Generated<number>;
  failures: Generated<number>;
  partials: Generated<number>;
  timed: Generated<number>;
  duration_ms: Generated<number>;
}
