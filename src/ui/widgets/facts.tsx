import { Box } from "ink";
import type { Tone } from "../../theme/tones.js";
import { fit } from "../paint/columns.js";
import { Label } from "./label.js";

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly tone?: Tone;
}

interface FactsProps {
  readonly facts: readonly Fact[];
  readonly width: number;
}

const nameColumns = 13;
/** From here on two facts stand side by side. */
const twoColumnWidth = 84;

/** Names and values, one a row, or two where there is room. */
export function Facts({ facts, width }: FactsProps) {
  const perRow = width >= twoColumnWidth ? 2 : 1;
  const room = Math.floor(width / perRow);
  const rows = Array.from({ length: Math.ceil(facts.length / perRow) }, (_, index) =>
    facts.slice(index * perRow, (index + 1) * perRow),
  );
  return (
    <Box flexDirection="column" flexShrink={0}>
      {rows.map((pair, index) => (
        <Box key={index} height={1} flexShrink={0}>
          {pair.map(({ name, value, tone = "text.primary" }) => (
            <Label key={name}>
              <Label tone="text.muted">{fit(name, nameColumns)}</Label>
              <Label tone={tone}>{fit(value, room - nameColumns)}</Label>
            </Label>
          ))}
        </Box>
      ))}
    </Box>
  );
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
