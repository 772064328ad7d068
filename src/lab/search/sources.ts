import type { SearchParts } from "../services/search.js";
import type { Services } from "../services/service.js";

type Sought = Pick<Services, "experiments" | "papers" | "agents" | "files" | "tasks" | "figures" | "projects">;

/** What is searched and where its documents come from; a table searched is one more row here and in migration 0006. */
export const searchSources = (services: Sought): SearchParts["sources"] => ({
  experiments: { table: "experiments", needs: "experiments:read", get: services.experiments.get },
  papers: { table: "papers", needs: "papers:read", get: services.papers.get },
  agents: { table: "agents", needs: "agents:read", get: services.agents.get },
  knowledge: { table: "files", needs: "knowledge:read", get: services.files.get },
  tasks: { table: "tasks", needs: "tasks:read", get: services.tasks.get },
  figures: { table: "figures", needs: "papers:read", get: services.figures.get },
  projects: { table: "projects", needs: "experiments:read", get: services.projects.get },
});
