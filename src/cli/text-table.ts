/** Rows as left-aligned columns two blanks apart; the last column is not padded. For pipes: no colour, no borders. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(oneLine));
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ");
  return all.map((row) => line(row).trimEnd()).join("\n");
}

/** A label and what is known of it, one a line, the texts below each other. */
export function textFacts(facts: readonly (readonly [label: string, text: string])[]): string {
  const width = Math.max(0, ...facts.map(([label]) => label.length));
  return facts.map(([label, text]) => `${label.padEnd(width)}  ${oneLine(text)}`.trimEnd()).join("\n");
}

/** Titles and messages come from programs: nothing in them may break a row or speak to the terminal. */
const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, " ");
