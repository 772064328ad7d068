import { sql } from "kysely";
import type { Need } from "../../contract/access.js";
import type { SearchedNoun, SearchResults } from "../../contract/search.js";
import { mayAlso, noteRead } from "../access/asking.js";
import { matchOf, wordsOf } from "../search/match.js";
import type { Schema } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
import type { LabsService } from "./labs.js";

export interface SearchQuery {
  readonly labId: string;
  readonly q: string;
  /** Of each kind, 1..20. */
  readonly limit: number;
}

export interface SearchService {
  /** Fewer than two characters find nothing, as documented. What the caller may not read stays empty. */
  search(query: SearchQuery): Promise<SearchResults>;
}

type SearchedTable = "experiments" | "papers" | "agents" | "tasks" | "figures" | "files" | "projects";

interface Source {
  readonly table: SearchedTable;
  readonly needs: Need;
  /** The whole document by its id. */
  readonly get: (id: string) => Promise<object>;
}

/** Where documents come from, by the key of the answer that they stand under. Pods are few: they are looked through. */
export interface SearchParts {
  readonly store: LabStore;
  readonly labs: Pick<LabsService, "idOf">;
  readonly sources: Readonly<Record<Exclude<SearchedNoun, "pods">, Source>>;
  readonly pods: (labId: string) => Promise<readonly { readonly name: string; readonly gpuType: string }[]>;
}

const minChars = 2;

const nothing = (): SearchResults => ({
  experiments: [],
  papers: [],
  agents: [],
  knowledge: [],
  surveys: [],
  tasks: [],
  figures: [],
  datasets: [],
  contributions: [],
  projects: [],
  pods: [],
});

export function createSearch({ store, labs, sources, pods }: SearchParts): SearchService {
  const find = async ({ table, get }: Source, labId: string, { q, limit }: SearchQuery): Promise<object[]> => {
    const match = matchOf(q, labId, table);
    if (match === null) return [];
    // rowid is n * 16 + kind: the newest first, and the row is found without another table.
    const { rows } = await sql<{ n: number }>`
      select rowid / 16 as n from search where search match ${match} order by rowid desc limit ${limit}`.execute(
      store.db,
    );
    const ids = await idsOf(
      store,
      table,
      rows.map(({ n }) => n),
    );
    return Promise.all(ids.map(get));
  };

  const findPods = async (labId: string, { q, limit }: SearchQuery) => {
    const words = wordsOf(q);
    if (words.length === 0) return [];
    const isFound = ({ name, gpuType }: { name: string; gpuType: string }) =>
      words.every((word) => `${name} ${gpuType}`.toLowerCase().includes(word));
    return (await pods(labId)).filter(isFound).slice(0, limit);
  };

  return {
    async search(query) {
      const labId = await labs.idOf(query.labId);
      const found = nothing();
      if (query.q.trim().length < minChars) return found;
      for (const [noun, source] of Object.entries(sources) as [keyof typeof sources, Source][]) {
        if (!mayAlso(labId, source.needs)) continue;
        noteRead(source.table);
        found[noun] = (await find(source, labId, query)) as Record<string, unknown>[];
      }
      if (mayAlso(labId, "pods:read")) {
        noteRead("pods");
        found.pods = (await findPods(labId, query)) as readonly object[] as Record<string, unknown>[];
      }
      return found;
    },
  };
}

/** Document ids of rows, in the order of their places. */
async function idsOf(store: LabStore, table: SearchedTable, places: readonly number[]): Promise<string[]> {
  if (places.length === 0) return [];
  const rows = await store.db
    .selectFrom(table as "experiments")
    .select(["n", "id"] satisfies (keyof Schema["experiments"])[])
    .where("n", "in", places)
    .execute();
  const ids = new Map(rows.map(({ n, id }) => [n, id]));
  return places.flatMap((n) => ids.get(n) ?? []);
}
