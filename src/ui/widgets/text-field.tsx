import { Box } from "ink";
import { clusters, textWidth } from "../../terminal/glyph-width.js";
import { take } from "../paint/columns.js";
import { Caret } from "./caret.js";
import { Label } from "./label.js";
import type { TextFieldState } from "./line-editor.js";

interface TextFieldProps {
  readonly state: TextFieldState;
  readonly width: number;
  readonly focused: boolean;
  /** Shown while it is empty. */
  readonly placeholder?: string;
}

/** One line of text with its cursor. Longer text is scrolled so that the cursor is seen. */
export function TextField({ state, width, focused, placeholder = "" }: TextFieldProps) {
  const view = visibleText(state, width);
  return (
    <Box width={width} height={1} flexShrink={0}>
      {focused ? (
        <Caret {...view} hint={state.text === "" ? placeholder : ""} />
      ) : (
        <Label tone={state.text === "" ? "text.muted" : "text.primary"}>
          {state.text === "" ? placeholder : state.text}
        </Label>
      )}
    </Box>
  );
}

export interface VisibleText {
  readonly before: string;
  /** The glyph under the cursor, a blank at the end of the line. */
  readonly at: string;
  readonly after: string;
}

/** The part of a line around the cursor that fits into `width`. */
export function visibleText({ text, cursor }: TextFieldState, width: number): VisibleText {
  const [at = " ", ...rest] = clusters(text.slice(cursor, cursor + width * 4 + 16));
  const room = Math.max(0, width - textWidth(at));
  const before = takeEnd(text.slice(0, cursor), room);
  return { before, at, after: take(rest.join(""), room - textWidth(before)) };
}

/** At most `width` columns from the end of a text. */
function takeEnd(text: string, width: number): string {
  let kept = "";
  let used = 0;
  for (const cluster of clusters(text.slice(-(width * 4 + 16))).reverse()) {
    used += textWidth(cluster);
    if (used > width) break;
    kept = cluster + kept;
  }
  return kept;
}
