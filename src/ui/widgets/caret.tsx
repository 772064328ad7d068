import { Box, type DOMElement } from "ink";
import { use, useRef } from "react";
import { textWidth } from "../../terminal/glyph-width.js";
import { CompositorContext, useTextCursor } from "../surface.js";
import { Label } from "./label.js";

interface CaretProps {
  readonly before: string;
  /** The glyph under the cursor. */
  readonly at: string;
  readonly after: string;
  /** Muted text behind the cursor: what could be typed here. */
  readonly hint?: string;
}

/** A line of text with the terminal's own cursor in it; plain Ink, which has none, inverts the cell. */
export function Caret({ before, at, after, hint = "" }: CaretProps) {
  const box = useRef<DOMElement>(null);
  const isPlain = use(CompositorContext) === null;
  useTextCursor(box, { x: textWidth(before), y: 0 });
  return (
    <Box ref={box} height={1} flexShrink={0}>
      <Label>
        {before}
        {isPlain ? <Label inverse>{at}</Label> : at}
        {after}
        <Label tone="text.muted">{hint}</Label>
      </Label>
    </Box>
  );
}
