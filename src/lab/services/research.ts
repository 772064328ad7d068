import type { Clock } from "../../core/clock.js";
import type { LabStore } from "../store/store.js";
import { type AgentsService, createAgents } from "./agents.js";
import type { LabsService } from "./labs.js";
import { createLearning, type LearningService } from "./learning.js";
import { createPapers, type PapersService } from "./papers.js";
import { createProjects, type ProjectsService } from "./projects.js";
import { createSkills, type SkillsService } from "./skills.js";
import { createTasks, type TasksService } from "./tasks.js";

/** The nouns around experiments that are stored and nothing else: no process of the lab works on them. */
export interface ResearchServices {
  readonly projects: ProjectsService;
  readonly tasks: TasksService;
  readonly agents: AgentsService;
  readonly papers: PapersService;
  readonly skills: SkillsService;
  readonly learning: LearningService;
}

export interface ResearchParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly clock: Clock;
}

export function createResearch(parts: ResearchParts): ResearchServices {
  return {
    projects: createProjects(parts),
    tasks: createTasks(parts),
    agents: createAgents(parts),
    papers: createPapers(parts),
    skills: createSkills(parts.store),
    learning: createLearning(parts),
  };
}
