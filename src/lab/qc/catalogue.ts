import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** What the numeric checks want to know of a table of sources. null: it has no such columns. */
export interface CatalogueFacts {
  readonly file: string;
  /** Share of rows without ra or dec. */
  readonly nullCoords: number | null;
  /** Share of rows in the largest cluster; noise (`-1`) is none. */
  readonly clusterShare: number | null;
  readonly maxScore: number | null;
  /** Largest angle between the best row and the other best 20; null with fewer than 20 rows. */
  readonly topSpreadDegrees: number | null;
}

const columns = {
  ra: /^(ra|ra_deg|raj2000|right_ascension)$/i,
  dec: /^(dec|dec_deg|dej2000|decj2000|declination)$/i,
  cluster: /^(cluster|cluster_id|cluster_label|hdbscan_label|dbscan_label)$/i,
  score: /^(score|anomaly_score|outlier_score)$/i,
};

/** Rows that are looked at: enough to judge, few enough not to hold anybody up. */
const mostRows = 200_000;
/** Labels that are told apart; a table with more has no large cluster. */
const mostLabels = 10_000;
const topRows = 20;
/** A line that is longer is no row of a table. */
const mostLineLength = 64 * 1024;

/** Reads a CSV output as far as the checks need it; null when its header has none of the columns. */
export async function readCatalogue(path: string, file: string): Promise<CatalogueFacts | null> {
  const stream = createReadStream(path, "utf8");
  let table: Table | null = null;
  try {
    let rows = 0;
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (line === "" || line.startsWith("#")) continue;
      if (line.length > mostLineLength) return null;
      if (table === null) {
        table = tableOf(splitCsv(line));
        if (table === null) return null;
      } else {
        addRow(table, splitCsv(line));
        rows += 1;
        if (rows >= mostRows) break;
      }
    }
  } finally {
    stream.destroy();
  }
  return table === null || table.rows === 0 ? null : factsOf(table, file);
}

interface Place {
  readonly score: number;
  readonly ra: number;
  readonly dec: number;
}

interface Table {
  /** Index of each column, -1 where there is none. */
  readonly at: Readonly<Record<keyof typeof columns, number>>;
  rows: number;
  withoutPlace: number;
  maxScore: number | null;
  readonly labels: Map<string, number>;
  /** Highest score first. */
  top: Place[];
}

function tableOf(header: readonly string[]): Table | null {
  const find = (pattern: RegExp) => header.findIndex((name) => pattern.test(name.trim()));
  const at = {
    ra: find(columns.ra),
    dec: find(columns.dec),
    cluster: find(columns.cluster),
    score: find(columns.score),
  };
  if ((at.ra < 0 || at.dec < 0) && at.cluster < 0 && at.score < 0) return null;
  return { at, rows: 0, withoutPlace: 0, maxScore: null, labels: new Map(), top: [] };
}

function addRow(table: Table, cells: readonly string[]): void {
  const { at, labels } = table;
  const [ra, dec, score] = [numberAt(cells, at.ra), numberAt(cells, at.dec), numberAt(cells, at.score)];
  table.rows += 1;
  if (ra === null || dec === null) table.withoutPlace += 1;
  if (score !== null) table.maxScore = Math.max(table.maxScore ?? -Infinity, score);
  if (at.cluster >= 0) countLabel(labels, cells[at.cluster]?.trim() ?? "");
  if (ra !== null && dec !== null && score !== null) keepTop(table, { score, ra, dec });
}

function countLabel(labels: Map<string, number>, label: string): void {
  if (label === "" || (!labels.has(label) && labels.size >= mostLabels)) return;
  labels.set(label, (labels.get(label) ?? 0) + 1);
}

function keepTop(table: Table, place: Place): void {
  const last = table.top.at(-1);
  if (table.top.length === topRows && last !== undefined && place.score <= last.score) return;
  table.top = [...table.top, place].sort((a, b) => b.score - a.score).slice(0, topRows);
}

function factsOf({ at, rows, withoutPlace, maxScore, labels, top }: Table, file: string): CatalogueFacts {
  const clusters = [...labels].filter(([label]) => label !== "-1").map(([, count]) => count);
  const [best] = top;
  const spread = Math.max(...top.map((place) => (best === undefined ? 0 : separation(best, place))));
  return {
    file,
    nullCoords: at.ra < 0 || at.dec < 0 ? null : withoutPlace / rows,
    clusterShare: at.cluster < 0 ? null : Math.max(0, ...clusters) / rows,
    maxScore,
    topSpreadDegrees: top.length < topRows ? null : spread,
  };
}

/** Degrees between two places on the sky. */
function separation(a: Place, b: Place): number {
  const radians = Math.PI / 180;
  const [dec1, dec2, turn] = [a.dec * radians, b.dec * radians, (a.ra - b.ra) * radians];
  const haversine = Math.sin((dec1 - dec2) / 2) ** 2 + Math.cos(dec1) * Math.cos(dec2) * Math.sin(turn / 2) ** 2;
  return (2 * Math.asin(Math.min(1, Math.sqrt(haversine)))) / radians;
}

function numberAt(cells: readonly string[], index: number): number | null {
  const cell = index < 0 ? "" : (cells[index]?.trim() ?? "");
  const value = Number(cell);
  return cell === "" || !Number.isFinite(value) ? null : value;
}

/** Cells of a line; quotes keep commas together. */
export function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}
