import type { Kysely, Selectable } from "kysely";
import type { z } from "zod";
import { NewProject, type Project, ProjectPatch, type ProjectStatus } from "../../contract/project.js";
import { experimentStatuses } from "../../contract/vocabulary.js";
import { noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import { freeSlug, type SlugRequest } from "./free-slug.js";
import type { LabsService } from "./labs.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { needVisibleRow } from "./visible-row.js";

export interface ProjectsQuery extends PageRequest {
  readonly labId: string;
  readonly status?: ProjectStatus | undefined;
}

/** `ref` is a document id or a slug. */
export interface ProjectsService {
  create(draft: NewProject): Promise<Project>;
  /** Newest first. */
  list(query: ProjectsQuery): Promise<Page<Project>>;
  get(ref: string): Promise<Project>;
  patch(ref: string, changes: ProjectPatch): Promise<Project>;
  /** Refuses while it has experiments; its papers stay, without a project. */
  remove(ref: string): Promise<{ readonly id: string; readonly slug: string }>;
}

type ProjectRow = Selectable<Schema["projects"]>;
type Counts = Project["experiments"];

/** The document id of a project of the lab, by id or slug: for whatever names its project. Refuses what is none. */
export async function projectIdOf(db: Kysely<Schema>, labId: string, ref: string): Promise<string> {
  const row = await db
    .selectFrom("projects")
    .select("id")
    .where("lab_id", "=", labId)
    .where((where) => where.or([where("id", "=", ref), where("slug", "=", ref)]))
    .executeTakeFirst();
  if (row !== undefined) return row.id;
  throw new LabError(
    "validation_error",
    `projectId: ${ref} is no project of this lab; GET /v1/projects lists them, POST /v1/projects makes one`,
  );
}

/** As `projectIdOf`, where there need not be one. */
export async function projectOf(db: Kysely<Schema>, labId: string, ref: string | null | undefined) {
  return ref == null ? null : projectIdOf(db, labId, ref);
}

export function createProjects({ store, labs }: { store: LabStore; labs: LabsService }): ProjectsService {
  const toProjects = async (rows: readonly ProjectRow[]) => {
    const counts = await countExperiments(
      store.db,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => toProject(row, counts.get(row.id) ?? none));
  };
  const get = async (ref: string): Promise<Project> => {
    const row = await needProject(store.db, ref);
    noteRead(`project:${row.id}`, "experiments");
    const [project] = await toProjects([row]);
    if (project === undefined) throw missing(ref);
    return project;
  };

  return {
    get,

    async create(draft) {
      const wanted = parseOrRefuse(NewProject, draft);
      const labId = await labs.idOf(wanted.labId);
      return store.change((change) => insertProject(change, labId, wanted));
    },

    async list({ status, ...query }) {
      const labId = await labs.idOf(query.labId);
      noteRead(`projects:${labId}`, "experiments");
      const ofLab = store.db.selectFrom("projects").where("lab_id", "=", labId);
      const page = await readPage(query, {
        place: (id) => ofLab.select("n").where("id", "=", id).executeTakeFirst(),
        rows(before, limit) {
          const rows = ofLab.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit);
          return (status === undefined ? rows : rows.where("status", "=", status)).execute();
        },
        to: (row) => row,
      });
      return { ...page, rows: await toProjects(page.rows) };
    },

    async patch(ref, wanted) {
      const changes = parseOrRefuse(ProjectPatch, wanted);
      return store.change(async (change) => {
        const row = await needProject(change.tx, ref);
        if (changes.slug !== undefined && changes.slug !== row.slug) {
          await slugFor(change.tx, row.lab_id, { wanted: changes.slug, words: row.name });
        }
        await change.tx
          .updateTable("projects")
          .set({ ...changes, updated_at: change.at })
          .where("id", "=", row.id)
          .execute();
        const project = await get(row.id);
        tell(change, project.status === "completed" && row.status !== "completed" ? "completed" : "updated", project);
        return project;
      });
    },

    async remove(ref) {
      return store.change(async (change) => {
        const project = await get(ref);
        const { total } = project.experiments;
        if (total > 0) {
          throw new LabError(
            "conflict",
            `Project ${project.slug} has ${total} experiment${total === 1 ? "" : "s"}; archive it instead (status: archived).`,
          );
        }
        const { id, slug } = project;
        await change.tx.updateTable("papers").set({ project_id: null }).where("project_id", "=", id).execute();
        await change.tx.deleteFrom("project_experiments").where("project_id", "=", id).execute();
        await change.tx.deleteFrom("projects").where("id", "=", id).execute();
        tell(change, "deleted", project);
        change.touch(`papers:${project.labId}`);
        return { id, slug };
      });
    },
  };
}

async function insertProject(change: Change, labId: string, wanted: z.output<typeof NewProject>): Promise<Project> {
  const { name, slug, goal = null, deliverable = null, measurable = null, status } = wanted;
  const row = await change.tx
    .insertInto("projects")
    .values({
      id: newDocumentId(),
      lab_id: labId,
      name,
      slug: await slugFor(change.tx, labId, { wanted: slug, words: name }),
      goal,
      deliverable,
      measurable,
      status,
      created_at: change.at,
      updated_at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const project = toProject(row, none);
  tell(change, "created", project);
  return project;
}

const missing = (ref: string) => new LabError("not_found", `Project ${ref} does not exist.`);

const needProject = (db: Kysely<Schema>, ref: string): Promise<ProjectRow> => needVisibleRow(db, "projects", ref);

function slugFor(db: Kysely<Schema>, labId: string, request: Pick<SlugRequest, "wanted" | "words">): Promise<string> {
  return freeSlug({
    ...request,
    noun: "project",
    async isTaken(slug) {
      const row = db.selectFrom("projects").select("n").where("lab_id", "=", labId).where("slug", "=", slug);
      return (await row.executeTakeFirst()) !== undefined;
    },
  });
}

const none: Counts = { draft: 0, queued: 0, running: 0, pass: 0, fail: 0, blocked: 0, total: 0 };

async function countExperiments(db: Kysely<Schema>, ids: readonly string[]): Promise<ReadonlyMap<string, Counts>> {
  const counts = new Map<string, Counts>();
  if (ids.length === 0) return counts;
  const rows = await db.selectFrom("project_experiments").selectAll().where("project_id", "in", ids).execute();
  for (const { project_id: id, status: word, count } of rows) {
    const status = experimentStatuses.find((known) => known === word);
    const sofar = counts.get(id) ?? none;
    if (status !== undefined) counts.set(id, { ...sofar, [status]: count, total: sofar.total + count });
  }
  return counts;
}

function toProject(row: ProjectRow, experiments: Counts): Project {
  const { id, lab_id: labId, slug, name, goal, deliverable, measurable } = row;
  return {
    _id: id,
    _creationTime: row.created_at,
    id,
    labId,
    slug,
    name,
    goal,
    deliverable,
    measurable,
    status: row.status as ProjectStatus,
    experiments,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function tell(change: Change, verb: "created" | "updated" | "completed" | "deleted", project: Project): void {
  const { _id, labId, name, slug, status } = project;
  change.event(`project.${verb}`, _id, { labId, name, slug, status });
  change.touch(`projects:${labId}`);
  change.touch(`project:${_id}`);
}
