import { createHash } from "node:crypto";
import type { Kysely, Selectable, Updateable } from "kysely";
import {
  maxPaperBytes,
  NewPaper,
  NewPaperVersion,
  type Paper,
  PaperPatch,
  type PaperStatus,
  type PaperVersion,
  type PaperVersionContent,
} from "../../contract/paper.js";
import { actorName, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import { freeSlug, type SlugRequest } from "./free-slug.js";
import type { LabsService } from "./labs.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { projectIdOf, projectOf } from "./projects.js";
import { needVisibleRow } from "./visible-row.js";

export interface PapersQuery extends PageRequest {
  readonly labId: string;
  readonly status?: PaperStatus | undefined;
  /** Document id or slug. */
  readonly projectId?: string | undefined;
}

/** `ref` is a document id or a slug. */
export interface PapersService {
  create(draft: NewPaper): Promise<Paper>;
  /** Newest first. */
  list(query: PapersQuery): Promise<Page<Paper>>;
  get(ref: string): Promise<Paper>;
  patch(ref: string, changes: PaperPatch): Promise<Paper>;
  /** Deletes it and its versions; its figures stay, without a paper. */
  remove(ref: string): Promise<{ readonly id: string; readonly slug: string }>;
  /** Newest first, without their content. */
  versions(ref: string, page: PageRequest): Promise<Page<PaperVersion>>;
  version(ref: string, version: number): Promise<PaperVersionContent>;
  /** Answers the newest version when that has the same content. */
  record(ref: string, version: NewPaperVersion): Promise<PaperVersion>;
}

type PaperRow = Selectable<Schema["papers"]>;

export function createPapers({ store, labs }: { store: LabStore; labs: LabsService }): PapersService {
  return {
    async create(draft) {
      const wanted = parseOrRefuse(NewPaper, draft);
      const labId = await labs.idOf(wanted.labId);
      return store.change(async (change) => {
        const { title, slug, abstract, authors, status, readiness, projectId } = wanted;
        const row = await change.tx
          .insertInto("papers")
          .values({
            id: newDocumentId(),
            lab_id: labId,
            slug: await slugFor(change.tx, labId, { wanted: slug, words: title }),
            title,
            abstract: abstract ?? null,
            authors: JSON.stringify(authors),
            status,
            readiness: readiness ?? null,
            project_id: await projectOf(change.tx, labId, projectId),
            created_at: change.at,
            updated_at: change.at,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const paper = toPaper(row);
        tell(change, "created", paper);
        return paper;
      });
    },

    async list({ status, projectId, ...query }) {
      const labId = await labs.idOf(query.labId);
      noteRead(`papers:${labId}`);
      const project = projectId === undefined ? undefined : await projectIdOf(store.db, labId, projectId);
      const ofLab = store.db.selectFrom("papers").where("lab_id", "=", labId);
      return readPage(query, {
        place: (id) => ofLab.select("n").where("id", "=", id).executeTakeFirst(),
        rows(before, limit) {
          let rows = ofLab.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit);
          if (status !== undefined) rows = rows.where("status", "=", status);
          if (project !== undefined) rows = rows.where("project_id", "=", project);
          return rows.execute();
        },
        to: toPaper,
      });
    },

    async get(ref) {
      const row = await needPaper(store.db, ref);
      noteRead(`paper:${row.id}`);
      return toPaper(row);
    },

    async patch(ref, wanted) {
      const changes = parseOrRefuse(PaperPatch.strict(), wanted);
      return store.change(async (change) => patchPaper(change, await needPaper(change.tx, ref), changes));
    },

    async remove(ref) {
      return store.change(async (change) => {
        const row = await needPaper(change.tx, ref);
        const { id, slug } = row;
        await change.tx.updateTable("figures").set({ paper_id: null }).where("paper_id", "=", id).execute();
        await change.tx.deleteFrom("paper_versions").where("paper_id", "=", id).execute();
        await change.tx.deleteFrom("papers").where("id", "=", id).execute();
        tell(change, "deleted", toPaper(row));
        change.touch(`figures:${row.lab_id}`);
        return { id, slug };
      });
    },

    ...createVersions(store),
  };
}

type Versions = Pick<PapersService, "versions" | "version" | "record">;

function createVersions(store: LabStore): Versions {
  const ofPaper = (paper: PaperRow) => store.db.selectFrom("paper_versions").where("paper_id", "=", paper.id);
  return {
    async versions(ref, page) {
      const paper = await needPaper(store.db, ref);
      noteRead(`paper:${paper.id}`);
      const versions = ofPaper(paper);
      return readPage(page, {
        place: (id) => versions.select("n").where("id", "=", id).executeTakeFirst(),
        rows: (before, limit) =>
          versions.select(versionColumns).where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
        to: toVersion,
      });
    },

    async version(ref, version) {
      const paper = await needPaper(store.db, ref);
      noteRead(`paper:${paper.id}`);
      const row = await ofPaper(paper).selectAll().where("version", "=", version).executeTakeFirst();
      if (row === undefined) {
        throw new LabError(
          "not_found",
          `Paper ${paper.slug} has no version ${version}; its newest is ${paper.version}.`,
        );
      }
      return { ...toVersion(row), content: row.content };
    },

    async record(ref, wanted) {
      const version = parseOrRefuse(NewPaperVersion, wanted);
      const { content, note } = version;
      if (content === undefined && note === undefined) {
        throw new LabError("validation_error", "content: send the content of the version, or at least a note");
      }
      if (content !== undefined && Buffer.byteLength(content) > maxPaperBytes) {
        throw new LabError("payload_too_large", `content: may have ${maxPaperBytes} bytes as UTF-8`);
      }
      return store.change(async (change) => insertVersion(change, await needPaper(change.tx, ref), version));
    },
  };
}

const versionColumns = [
  "n",
  "id",
  "paper_id",
  "version",
  "note",
  "editor",
  "sha256",
  "size_bytes",
  "created_at",
] as const;

async function insertVersion(change: Change, paper: PaperRow, wanted: NewPaperVersion): Promise<PaperVersion> {
  const { content, note, editor } = wanted;
  const sha256 = content === undefined ? null : createHash("sha256").update(content).digest("hex");
  const newest = await change.tx
    .selectFrom("paper_versions")
    .select(versionColumns)
    .where("paper_id", "=", paper.id)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  if (newest !== undefined && sha256 !== null && newest.sha256 === sha256) return toVersion(newest);
  const version = (newest?.version ?? 0) + 1;
  const row = await change.tx
    .insertInto("paper_versions")
    .values({
      id: newDocumentId(),
      paper_id: paper.id,
      version,
      note: note ?? null,
      content: content ?? null,
      sha256,
      size_bytes: content === undefined ? null : Buffer.byteLength(content),
      editor: editor ?? actorName(),
      created_at: change.at,
    })
    .returning(versionColumns)
    .executeTakeFirstOrThrow();
  const updated = await write(change, paper, { version });
  tell(change, "version_recorded", updated, { version, note: note ?? null, editor: row.editor });
  return toVersion(row);
}

async function patchPaper(change: Change, row: PaperRow, changes: PaperPatch): Promise<Paper> {
  const { authors, projectId, ...plain } = changes;
  if (plain.slug !== undefined && plain.slug !== row.slug) {
    await slugFor(change.tx, row.lab_id, { wanted: plain.slug, words: row.title });
  }
  const set: Updateable<Schema["papers"]> = { ...plain };
  if (authors !== undefined) set.authors = JSON.stringify(authors);
  if (projectId !== undefined) set.project_id = await projectOf(change.tx, row.lab_id, projectId);
  const paper = await write(change, row, set);
  const isStep = paper.status !== row.status && (paper.status === "submitted" || paper.status === "published");
  tell(change, isStep ? (paper.status as "submitted" | "published") : "updated", paper, {
    changes: Object.keys(changes),
  });
  return paper;
}

async function write(change: Change, { id }: PaperRow, set: Updateable<Schema["papers"]>): Promise<Paper> {
  const row = await change.tx
    .updateTable("papers")
    .set({ ...set, updated_at: change.at })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toPaper(row);
}

const needPaper = (db: Kysely<Schema>, ref: string): Promise<PaperRow> => needVisibleRow(db, "papers", ref);

function slugFor(db: Kysely<Schema>, labId: string, request: Pick<SlugRequest, "wanted" | "words">): Promise<string> {
  return freeSlug({
    ...request,
    noun: "paper",
    async isTaken(slug) {
      const row = db.selectFrom("papers").select("n").where("lab_id", "=", labId).where("slug", "=", slug);
      return (await row.executeTakeFirst()) !== undefined;
    },
  });
}

function toPaper(row: PaperRow): Paper {
  const { id, lab_id: labId, slug, title, abstract, readiness, version } = row;
  return {
    _id: id,
    _creationTime: row.created_at,
    id,
    labId,
    slug,
    title,
    abstract,
    authors: JSON.parse(row.authors) as string[],
    status: row.status as PaperStatus,
    readiness,
    projectId: row.project_id,
    version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toVersion(row: Omit<Selectable<Schema["paper_versions"]>, "content">): PaperVersion {
  const { id, paper_id: paperId, version, note, editor, sha256, size_bytes: sizeBytes, created_at: createdAt } = row;
  return { _id: id, _creationTime: createdAt, id, paperId, version, note, editor, sha256, sizeBytes, createdAt };
}

type PaperEvent = "created" | "updated" | "submitted" | "published" | "version_recorded" | "deleted";

function tell(change: Change, event: PaperEvent, paper: Paper, more: Readonly<Record<string, unknown>> = {}): void {
  const { _id, labId, title, slug, status, readiness } = paper;
  change.event(`paper.${event}`, _id, { labId, title, slug, status, readiness, ...more });
  change.touch(`papers:${labId}`);
  change.touch(`paper:${_id}`);
}
