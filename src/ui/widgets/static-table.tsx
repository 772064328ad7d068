import inkTable from "ink-table";
import type { ReactNode } from "react";
import { useUi } from "../hooks.js";
import { take } from "../paint/columns.js";
import { Label } from "./label.js";

// A CommonJS package: its one export is a property of what an ES module gets.
const Table = inkTable.default;

export type TableRow = Readonly<Record<string, string>>;

interface StaticTableProps {
  readonly rows: readonly TableRow[];
  readonly columns: readonly string[];
  /** Columns of the screen it may take; the last column is cut to it. */
  readonly width: number;
}

/**
 * A small table that seldom changes, drawn by ink-table: it draws every row with a rule below and redraws a row that changes
 * from nothing, so no list belongs in it.
 */
export function StaticTable({ rows, columns, width }: StaticTableProps) {
  return (
    <Table
      data={fitted(rows, columns, width).map((row) => ({ ...row }))}
      columns={[...columns]}
      header={TableHeader}
      cell={TableCell}
      skeleton={TableRule}
    />
  );
}

interface PartProps {
  readonly children?: ReactNode;
}

const TableHeader = ({ children }: PartProps) => <Label tone="text.muted">{children}</Label>;
const TableCell = ({ children }: PartProps) => <Label>{children}</Label>;

const asciiRules: Readonly<Record<string, string>> = { "─": "-", "│": "|", " ": " " };

function TableRule({ children }: PartProps) {
  const { look } = useUi();
  const drawn = typeof children === "string" ? children : "";
  const text = look.unicode ? drawn : Array.from(drawn, (rule) => asciiRules[rule] ?? "+").join("");
  return <Label tone="border.idle">{text}</Label>;
}

/** Rule and two blanks around every cell. */
const cellFrame = 3;

/**
 * ink-table measures by the length of the string: glyphs that are not one unit and one column would shift the row, so they
 * become `?`. Cells of the last column are cut where the table would not fit.
 */
function fitted(rows: readonly TableRow[], columns: readonly string[], width: number): readonly TableRow[] {
  const plain = rows.map((row) => Object.fromEntries(columns.map((column) => [column, oneColumn(row[column] ?? "")])));
  const last = columns.at(-1) ?? "";
  const others = columns
    .slice(0, -1)
    .reduce(
      (sum, column) => sum + cellFrame + Math.max(column.length, ...plain.map((row) => (row[column] ?? "").length)),
      0,
    );
  const room = Math.max(last.length, width - others - cellFrame - 1);
  return plain.map((row) => ({ ...row, [last]: cut(row[last] ?? "", room) }));
}

const cut = (text: string, room: number) => (text.length <= room ? text : `${take(text, room - 1)}~`);

const oneColumn = (text: string) => text.replace(/[^\x20-\x7e\u00a1-\u02af\u2010-\u2027\u2190-\u21ff]+/gu, "?");
