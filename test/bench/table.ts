import type { Row } from "./bench.js";

const number = (value: number | null | undefined, unit: string) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const digits = Math.abs(value) >= 100 || unit === "B" ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: digits })} ${unit}`;
};

const verdict = ({ ours, limit, sense }: Row) => {
  if (ours === null) return "not measured";
  if (limit === null) return "";
  return (sense === "most" ? ours <= limit : ours >= limit) ? "inside" : "**over**";
};

/** ours / peer, so that below 1 means less than the peer. */
const ratios = ({ ours, unit, peers = {} }: Row) =>
  Object.entries(peers)
    .map(([peer, value]) => {
      const ratio = value === null || ours === null || value === 0 ? "" : ` (×${(ours / value).toPrecision(2)})`;
      return `${peer} ${number(value, unit)}${ratio}`;
    })
    .join(", ");

const head = ["what", "ours", "limit", "", "beside it (ours / theirs)", "how"];

/** The rows as a Markdown table, for results.md. */
export function benchTable(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(cellsOf(row)))].join("\n");
}

/** The rows for a terminal: columns aligned, and how each was measured left to results.md. */
export function benchText(rows: readonly Row[]): string {
  const cells = [head, ...rows.map(cellsOf)].map((row) => row.slice(0, -1));
  const widths = head.slice(0, -1).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cellsOf(row: Row): string[] {
  const { what, ours, unit, limit, sense, note = "" } = row;
  const bound = limit === null ? "" : `${sense === "most" ? "≤" : "≥"} ${number(limit, unit)}`;
  return [what, number(ours, unit), bound, verdict(row), ratios(row), note];
}
