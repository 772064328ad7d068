import { Box } from "ink";
import { fitText } from "../../terminal/glyph-width.js";
import { cursorPlace, type TextAreaState, visibleTop } from "./area-editor.js";
import { Caret } from "./caret.js";
import { Label } from "./label.js";
import { visibleText } from "./text-field.js";

interface TextAreaProps {
  readonly state: TextAreaState;
  readonly width: number;
  readonly height: number;
  readonly focused: boolean;
  /** Zero-based line of an error; it gets a `>` and a tone. */
  readonly badLine?: number | undefined;
}

/** Several lines with numbers, exactly `height` rows. Only the line of the cursor scrolls sideways. */
export function TextArea({ state, width, height, focused, badLine }: TextAreaProps) {
  const lines = state.text.split("\n");
  const top = visibleTop(state, height);
  const digits = Math.max(2, String(lines.length).length);
  const place = cursorPlace(state);
  const room = Math.max(1, width - digits - 2);
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0} overflow="hidden">
      {lines.slice(top, top + height).map((line, offset) => {
        const index = top + offset;
        const isBad = index === badLine;
        const number = `${isBad ? ">" : " "}${String(index + 1).padStart(digits)} `;
        return (
          <Box key={index} height={1} flexShrink={0}>
            <Label tone={isBad ? "notice.bad" : "text.muted"}>{number}</Label>
            {focused && index === place.line ? (
              <Caret {...visibleText(lineWithCursor(state, line), room)} />
            ) : (
              <Label tone={isBad ? "notice.bad" : "text.primary"}>{fitText(line, room).trimEnd()}</Label>
            )}
          </Box>
        );
      })}
    </Box>
  );
}

/** The line of the cursor as a text field. */
function lineWithCursor({ text, cursor }: TextAreaState, line: string): { text: string; cursor: number } {
  return { text: line, cursor: cursor === 0 ? 0 : cursor - (text.lastIndexOf("\n", cursor - 1) + 1) };
}
