import { z } from "zod";
import { NewProject, Project, ProjectPatch, ProjectStatus } from "../../contract/project.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

/** How far its experiments are collides with nobody's edit. */
const Edited = Project.omit({ experiments: true, updatedAt: true });

const params = z.object({ projectId: z.string() });
const page = { limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().optional() };
const example = { params: { projectId: sampleIds.project } };

export const createProject = defineOperation({
  method: "post",
  path: "/v1/projects",
  needs: "labs:write",
  summary: "Begin a project: what experiments and papers belong to",
  body: NewProject,
  result: Project,
  status: 201,
  call: { path: "projects:create", kind: "mutation" },
  example: { body: { labId: sampleIds.lab, name: "Is dark energy constant?", measurable: "w0 and wa at 3 sigma" } },
  handle: async ({ projects }, { body }) => ({ data: await projects.create(body) }),
});

export const listProjects = defineOperation({
  method: "get",
  path: "/v1/projects",
  needs: "labs:read",
  summary: "Projects of a lab, newest first",
  query: z.object({
    labId: z.string().min(1),
    status: ProjectStatus.optional(),
    ...page,
  }),
  result: z.array(Project),
  call: { path: "projects:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ projects }, { query }) {
    const { rows, nextCursor, hasMore } = await projects.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const getProject = defineOperation({
  method: "get",
  path: "/v1/projects/{projectId}",
  needs: "labs:read",
  summary: "One project",
  params,
  result: Project,
  etagOf: (project: Project) => Edited.parse(project),
  call: { path: "projects:get", kind: "query" },
  example: example,
  handle: async ({ projects }, { params: { projectId } }) => ({ data: await projects.get(projectId) }),
});

export const patchProject = defineOperation({
  method: "patch",
  path: "/v1/projects/{projectId}",
  needs: "labs:write",
  summary: "Change fields of a project; the others stay",
  params,
  body: ProjectPatch,
  result: Project,
  call: { path: "projects:patch", kind: "mutation" },
  example: { ...example, body: { status: "completed" } },
  handle: async ({ projects }, { params: { projectId }, body }) => ({ data: await projects.patch(projectId, body) }),
});

export const deleteProject = defineOperation({
  method: "delete",
  path: "/v1/projects/{projectId}",
  needs: "labs:write",
  summary: "Delete a project that has no experiments; its papers stay",
  params,
  result: z.object({ id: z.string(), slug: z.string(), deleted: z.literal(true) }),
  call: { path: "projects:remove", kind: "mutation" },
  example: { params: { projectId: sampleIds.retiredProject } },
  handle: async ({ projects }, { params: { projectId } }) => ({
    data: { ...(await projects.remove(projectId)), deleted: true },
  }),
});
