import { configOf } from "../../../app/draft.js";
import type { Experiment } from "../../../contract/experiment.js";
import { printable } from "../../paint/columns.js";
import { said } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

/** The config as it is run with; names apart from their values. */
export function configLines(row: Experiment): readonly TabLine[] {
  const lines = JSON.stringify(configOf(row), null, 2).split("\n");
  if (lines.length === 1) return [said(row.template === null ? "It has no config." : "What its template says.")];
  return lines.map(configLine);
}

function configLine(line: string): TabLine {
  const [, name = "", rest = ""] = /^(\s*"(?:[^"\\]|\\.)*":)(.*)$/.exec(line) ?? [];
  if (name === "") return [["text.primary", printable(line)]];
  return [
    ["text.muted", printable(name)],
    ["text.primary", printable(rest)],
  ];
}
