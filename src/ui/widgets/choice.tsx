import { textWidth } from "../../terminal/glyph-width.js";
import { Label } from "./label.js";

interface ChoiceProps {
  readonly options: readonly string[];
  readonly value: string;
  readonly focused: boolean;
  readonly width: number;
}

/** One of a few, by left and right. All are shown where there is room; brackets, not colour alone, mark the chosen one. */
export function Choice({ options, value, focused, width }: ChoiceProps) {
  const shown = fitting(options, value, width - 4);
  const more = { left: shown[0] !== options[0], right: shown.at(-1) !== options.at(-1) };
  return (
    <Label tone="text.muted">
      {more.left ? "< " : ""}
      {shown.map((option) =>
        option === value ? (
          <Label key={option} tone={focused ? "text.accent" : "text.primary"} on={focused ? "row.selected" : undefined}>
            {`[${option}]`}
          </Label>
        ) : (
          ` ${option} `
        ),
      )}
      {more.right ? " >" : ""}
    </Label>
  );
}

/** The option `by` places further; stops at the ends. */
export function neighbour<T extends string>(options: readonly T[], value: T, by: number): T {
  const index = Math.max(0, options.indexOf(value)) + by;
  return options[Math.max(0, Math.min(index, options.length - 1))] ?? value;
}

/** The options around the chosen one that fit into `width`. */
function fitting(options: readonly string[], value: string, width: number): readonly string[] {
  let from = Math.max(0, options.indexOf(value));
  let to = from + 1;
  const room = (start: number, end: number) =>
    options.slice(start, end).reduce((sum, option) => sum + textWidth(option) + 2, 0) <= width;
  for (let grown = true; grown; ) {
    grown = false;
    if (to < options.length && room(from, to + 1)) [to, grown] = [to + 1, true];
    if (from > 0 && room(from - 1, to)) [from, grown] = [from - 1, true];
  }
  return options.slice(from, to);
}
