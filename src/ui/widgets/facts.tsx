import { Box } from "ink";
import type { Tone } from "../../theme/tones.js";
import { fit } from "../paint/columns.js";
import { Label } from "./label.js";

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly tone?: Tone;
  /** Has a row to itself, for longer text. */
  readonly wide?: boolean;
}

interface FactsProps {
  readonly facts: readonly Fact[];
  readonly width: number;
}

const nameColumns = 13;
/** From here on two facts stand side by side. */
const twoColumnWidth = 66;

/** Names and values, one a row, or two where there is room. */
export function Facts({ facts, width }: FactsProps) {
  const rows = inRows(facts, width >= twoColumnWidth ? 2 : 1);
  return (
    <Box flexDirection="column" flexShrink={0}>
      {rows.map((pair, index) => (
        <Box key={index} height={1} flexShrink={0}>
          {pair.map(({ name, value, tone = "text.primary" }) => (
            <Label key={name}>
              <Label tone="text.muted">{fit(name, nameColumns)}</Label>
              <Label tone={tone}>{`${fit(value, Math.floor(width / pair.length) - nameColumns - 1)} `}</Label>
            </Label>
          ))}
        </Box>
      ))}
    </Box>
  );
}

/** Facts side by side; a wide one, or a last one without a partner, has the row to itself. */
function inRows(facts: readonly Fact[], perRow: 1 | 2): readonly (readonly Fact[])[] {
  const rows: Fact[][] = [];
  for (const fact of facts) {
    const last = rows.at(-1);
    const joins = last !== undefined && last.length < perRow && last[0]?.wide !== true && fact.wide !== true;
    if (joins) last.push(fact);
    else rows.push([fact]);
  }
  return rows;
}

/** A part of a long dialog, with a blank row before it. */
export function Section({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <Box flexDirection="column" flexShrink={0} marginTop={1}>
      <Label tone="title.idle">{title}</Label>
      {children}
    </Box>
  );
}
