import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Template } from "../../contract/lab.js";
import { type FetchedOutputs, type OutputFile, outputKind } from "../../contract/output.js";
import { noteRead } from "../access/asking.js";
import { runFiles } from "../executors/executor.js";
import { LabError } from "../lab-error.js";
import { diskReason, shortBytes } from "../runs/disk-reason.js";
import { readLeft } from "../runs/fetch-files.js";
import { localName } from "../runs/output-name.js";
import { findOutput, isBehind, type OutputSource, outputsOf } from "../runs/output-tree.js";
import type { LabStore } from "../store/store.js";
import { mimeTypeOf } from "../uploads/mime-type.js";
import { runConfig } from "./experiment-config.js";
import { needRow } from "./experiment-rows.js";
import type { Page, PageRequest } from "./page.js";
import { configSource } from "./template-content.js";

export interface OutputsQuery extends PageRequest {
  /** The current one where there is none. */
  readonly attempt?: number | undefined;
}

/** A file that can be read now. */
export interface OutputContent {
  readonly absolute: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
  readonly modifiedAt: number;
}

export interface OutputArchive {
  readonly sources: readonly OutputSource[];
  /** `EXP-054-2`: the folder in the archive. */
  readonly name: string;
}

/** `ref` is a document id or a display id. */
export interface OutputsService {
  /** By path; then what is still on the pod. Of a run that goes on there: what was fetched so far. */
  list(ref: string, query: OutputsQuery): Promise<Page<OutputFile>>;
  file(ref: string, path: string, attempt?: number): Promise<OutputContent>;
  archive(ref: string, attempt?: number): Promise<OutputArchive>;
  /** Brings home what is only on the pod, however large. */
  fetch(ref: string, attempt?: number): Promise<FetchedOutputs>;
}

export interface OutputsParts {
  readonly store: LabStore;
  readonly templates: readonly Template[];
  readonly fetchOne: (
    experimentId: string,
    attempt: number,
  ) => Promise<{ readonly left: readonly string[]; readonly reason: string | null }>;
}

/** Before the `_id` of what is on a pod: no path begins with it. */
const onPod = "/";

/** Files that attempts left: in their own directories, and what their configs name elsewhere. */
export function createOutputs(parts: OutputsParts): OutputsService {
  const attemptOf = (ref: string, attempt?: number) => findAttempt(parts, ref, attempt);
  return {
    async list(ref, { attempt, limit, cursor }) {
      const { sources, dir } = await attemptOf(ref, attempt);
      const rows: OutputFile[] = [];
      if (cursor?.startsWith(onPod) !== true) {
        for await (const file of filesOf(sources, cursor ?? null)) {
          rows.push(file);
          if (rows.length > limit) break;
        }
      }
      if (rows.length <= limit) rows.push(...(await awayFiles(dir, cursor)));
      const page = rows.slice(0, limit);
      const hasMore = rows.length > limit;
      return { rows: page, hasMore, nextCursor: hasMore ? (page.at(-1)?._id ?? null) : null };
    },

    async file(ref, path, attempt) {
      const { sources, dir, displayId, number } = await attemptOf(ref, attempt);
      const absolute = await findOutput(sources, path);
      if (absolute !== null) return await contentOf(absolute, path);
      const away = (await readLeft(dir)).some(({ name }) => name === path);
      const where = away ? "is still on its pod; POST …/outputs/fetch brings it" : "does not exist";
      throw new LabError(away ? "conflict" : "not_found", `${path} of ${displayId}, attempt ${number}, ${where}.`);
    },

    async archive(ref, attempt) {
      const { sources, displayId, number } = await attemptOf(ref, attempt);
      return { sources, name: `${displayId}-${number}` };
    },

    async fetch(ref, attempt) {
      const { id, number } = await attemptOf(ref, attempt);
      const { left, reason } = await parts.fetchOne(id, number);
      await parts.store.change((change) => {
        change.touch(`outputs:${id}`);
        return Promise.resolve();
      });
      return { experimentId: id, attempt: number, left: [...left], reason };
    },
  };
}

/** Every file that is here, in order, behind `after`. */
export async function* filesOf(sources: readonly OutputSource[], after: string | null): AsyncGenerator<OutputFile> {
  for (const source of sources) {
    for await (const { path, absolute } of outputsOf(source, after)) {
      const info = await stat(absolute).catch(() => null);
      if (info === null) continue;
      yield { ...described(path), size: info.size, modifiedAt: Math.round(info.mtimeMs), where: "home", reason: null };
    }
  }
}

async function awayFiles(dir: string, cursor: string | undefined): Promise<OutputFile[]> {
  const after = cursor?.startsWith(onPod) === true ? cursor.slice(onPod.length) : null;
  const left = (await readLeft(dir)).filter(({ name }) => after === null || isBehind(name, after));
  const sorted = left.toSorted((a, b) => (isBehind(a.name, b.name) ? 1 : -1));
  return sorted.map(({ name, size }) => ({
    ...described(name),
    _id: `${onPod}${name}`,
    size,
    modifiedAt: null,
    where: "pod",
    reason: `${shortBytes(size)} is more than the config's outputsMaxBytes; POST …/outputs/fetch brings it`,
  }));
}

const textEndings = /\.(txt|log|out|err|dat|progress|checkpoint|covmat|ranges|ini|cfg|R|jl|c|f90|cpp|h)$/i;

const described = (path: string) => ({
  _id: path,
  path,
  name: basename(path),
  mimeType: mimeTypeOf(path, textEndings.test(path)),
  kind: outputKind(path),
});

async function contentOf(absolute: string, path: string): Promise<OutputContent> {
  try {
    const { size, mtimeMs } = await stat(absolute);
    const { name, mimeType } = described(path);
    return { absolute, name, mimeType, size, modifiedAt: Math.round(mtimeMs) };
  } catch (error) {
    throw new LabError("not_found", `${path}: ${diskReason(error)}`, { cause: error });
  }
}

async function findAttempt({ store, templates }: OutputsParts, ref: string, attempt: number | undefined) {
  const row = await needRow(store.db, ref);
  noteRead(`experiment:${row.id}`, `outputs:${row.id}`);
  const number = attempt ?? row.attempt;
  const run = await store.db
    .selectFrom("runs")
    .select(["dir", "remote_dir"])
    .where("experiment_id", "=", row.id)
    .where("attempt", "=", number)
    .executeTakeFirst();
  if (run === undefined) {
    const has = row.attempt === 0 ? "has not started" : `has no attempt ${number}; the last is ${row.attempt}`;
    throw new LabError("not_found", `${row.display_id} ${has}.`);
  }
  const config = await configOf(store, row.id, templates);
  const sources = sourcesOf({ dir: run.dir, isRemote: run.remote_dir !== null, config });
  return { id: row.id, displayId: row.display_id, number, dir: run.dir, sources };
}

async function configOf(store: LabStore, id: string, templates: readonly Template[]) {
  const source = await configSource(store, id);
  try {
    return source === undefined ? {} : runConfig(source, templates);
  } catch {
    return {};
  }
}

interface OfRun {
  readonly dir: string;
  readonly isRemote: boolean;
  readonly config: { readonly cwd?: string | undefined; readonly outputs?: readonly string[] | undefined };
}

/** The run's own directory; of one that worked elsewhere on this machine, what its config names there. */
export function sourcesOf({ dir, isRemote, config: { cwd, outputs = [] } }: OfRun): OutputSource[] {
  const work = join(dir, runFiles.work);
  const own = { absolute: work, prefix: "" };
  if (isRemote) return [own];
  const elsewhere = outputs.filter((output) => cwd !== undefined || localName(output) !== output);
  return [own, ...elsewhere.map((output) => ({ absolute: resolve(cwd ?? work, output), prefix: localName(output) }))];
}
