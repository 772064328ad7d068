import type { QcSummary } from "../../../contract/qc.js";
import type { Tone } from "../../../theme/tones.js";
import { glyph } from "../../paint/look.js";
import { experimentLook } from "../../paint/status.js";
import type { Look } from "../../panes/pane.js";

/** The verdict in one line: its glyph and word, score, how many checks hold, and who decided over them. */
export function verdictWords(qc: QcSummary, look: Look): { readonly value: string; readonly tone: Tone } {
  const { tone, glyph: mark, word } = experimentLook[qc.verdict];
  const held = qc.checks.filter(({ ok }) => ok).length;
  const total = qc.checksTotal ?? qc.checks.length;
  const score = qc.score === undefined || qc.score === null ? "" : `, score ${Math.round(qc.score)} of 100`;
  const said = total === qc.checks.length ? `, ${held} of ${total} checks hold` : `, ${total} checks`;
  const override = qc.override === undefined || qc.override === null ? "" : `, decided by ${qc.override.by}`;
  return { value: `${glyph(mark, look)} ${word}${score}${said}${override}`, tone };
}
