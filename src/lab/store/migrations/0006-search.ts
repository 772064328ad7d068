import { type Kysely, sql } from "kysely";

/**
 * Words of everything that can be searched, newest first by rowid: `n * 16 + kind`, which leads back to the row without a table
 * between. Kept by triggers, so that no service can forget it, and only when a searched column changes. Prefixes of up to six
 * letters have lists of their own: a search among 1,000,000 experiments takes milliseconds. The contents are not stored twice.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`create virtual table search using fts5(lab, kind, words, content='', contentless_delete=1, detail=column,
      prefix='2 3 4 5 6', tokenize="unicode61 remove_diacritics 2")`)
    .execute(db);
  for (const searched of searchedTables)
    for (const statement of statementsOf(searched)) await sql.raw(statement).execute(db);
}

interface SearchedTable {
  readonly table: string;
  /** Below 16; never changes once released. */
  readonly kind: number;
  readonly columns: readonly string[];
}

/** The kinds are those of lab/search/kinds.ts. */
const searchedTables: readonly SearchedTable[] = [
  { table: "experiments", kind: 1, columns: ["display_id", "title", "result"] },
  { table: "papers", kind: 2, columns: ["title", "slug", "abstract"] },
  { table: "agents", kind: 3, columns: ["name", "role", "capabilities"] },
  { table: "tasks", kind: 4, columns: ["display_id", "title", "description"] },
  { table: "figures", kind: 5, columns: ["title", "caption", "file_name"] },
  { table: "files", kind: 6, columns: ["path"] },
  { table: "projects", kind: 7, columns: ["name", "slug", "goal"] },
];

/** Characters of a column that are searched: a result can be long. */
const searchedChars = 500;

function statementsOf({ table, kind, columns }: SearchedTable): string[] {
  const words = (row: string) =>
    columns.map((column) => `substr(coalesce(${row}${column}, ''), 1, ${searchedChars})`).join(" || ' ' || ");
  const place = (row: string) => `${row}n * 16 + ${kind}`;
  const put = (row: string) =>
    `insert or replace into search (rowid, lab, kind, words) values (${place(row)}, ${row}lab_id, '${table}', ${words(row)})`;
  return [
    `insert into search (rowid, lab, kind, words) select ${place("")}, lab_id, '${table}', ${words("")} from ${table}`,
    `create trigger ${table}_search_insert after insert on ${table} begin ${put("new.")}; end`,
    `create trigger ${table}_search_update after update of ${columns.join(", ")} on ${table} begin ${put("new.")}; end`,
    `create trigger ${table}_search_delete after delete on ${table} begin delete from search where rowid = ${place("old.")}; end`,
  ];
}
