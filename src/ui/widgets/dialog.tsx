import { Box, type BoxProps } from "ink";
import type { ReactNode } from "react";
import { opaqueBackground } from "../../terminal/colour.js";
import { fitText, textWidth } from "../../terminal/glyph-width.js";
import type { Tone } from "../../theme/tones.js";
import { useApp, useTone, useUi } from "../hooks.js";
import { Label } from "./label.js";

export interface KeyHint {
  readonly key: string;
  readonly does: string;
}

interface DialogProps {
  readonly title: string;
  /** Right of the title: a count, a state. */
  readonly note?: string | undefined;
  /** Wanted size with the border; it shrinks to the screen. */
  readonly width: number;
  readonly height: number;
  /** What the keys do, on the bottom border, as many as fit. */
  readonly keys: readonly KeyHint[];
  /** The border's tone: `notice.bad` where something can't be undone. */
  readonly tone?: Tone;
  readonly children: (inner: DialogSize) => ReactNode;
}

export interface DialogSize {
  readonly width: number;
  readonly height: number;
}

/** Border and padding around what a dialog holds. */
const frame = { columns: 4, rows: 2 };

const asciiBorder = {
  topLeft: "+",
  top: "-",
  topRight: "+",
  left: "|",
  right: "|",
  bottomLeft: "+",
  bottom: "-",
  bottomRight: "+",
};

/** A box over the middle of the screen, never larger than it. With {@link FootLine} the only way to an opaque background. */
export function Dialog({ title, note, width, height, keys, tone = "border.focus", children }: DialogProps) {
  const { look } = useUi();
  const columns = useApp((state) => state.view.columns);
  const rows = useApp((state) => state.view.rows);
  const box = useOpaque();
  const border = useTone(tone);
  const size = {
    width: dialogWidth(width, columns),
    height: dialogHeight(height, rows),
  };
  const inner = { width: Math.max(1, size.width - frame.columns), height: Math.max(1, size.height - frame.rows) };
  const hints = fittingHints(keys, inner.width - 2);
  return (
    <Box
      position="absolute"
      left={Math.floor((columns - size.width) / 2)}
      top={Math.floor((rows - size.height) / 2)}
      {...size}
      {...box}
      borderStyle={look.unicode ? "round" : asciiBorder}
      {...(border.color === undefined ? {} : { borderColor: border.color })}
      {...(box.backgroundColor === opaqueBackground ? {} : { borderBackgroundColor: box.backgroundColor })}
      paddingX={1}
      flexDirection="column"
    >
      <Box {...inner} flexShrink={0} flexDirection="column" overflow="hidden">
        {children(inner)}
      </Box>
      <Box position="absolute" top={-1} left={1}>
        <Label tone="title.focus">{` ${cut(title, inner.width - (note === undefined ? 0 : textWidth(note) + 3))} `}</Label>
      </Box>
      {note === undefined ? null : (
        <Box position="absolute" top={-1} right={1}>
          <Label tone="text.muted">{` ${cut(note, inner.width)} `}</Label>
        </Box>
      )}
      {hints.length === 0 ? null : (
        <Box position="absolute" bottom={-1} left={1}>
          <KeyHints keys={hints} />
        </Box>
      )}
    </Box>
  );
}

/** How high a dialog is on a screen: from 24 rows on, header and footer stay in sight. */
export function dialogHeight(wanted: number, screenRows: number): number {
  return Math.min(wanted, screenRows < 24 ? screenRows : screenRows - 2);
}

/** How wide: on a narrow screen as wide as that. */
export function dialogWidth(wanted: number, screenColumns: number): number {
  return Math.min(wanted, screenColumns < 80 ? screenColumns : screenColumns - 4);
}

/** Columns inside the frame of a dialog that wants to be so wide. */
export const dialogInnerWidth = (wanted: number, screenColumns: number) =>
  Math.max(1, dialogWidth(wanted, screenColumns) - frame.columns);

/** An opaque line at the foot of the screen, over the footer. */
export function FootLine({ children }: { readonly children: ReactNode }) {
  const rows = useApp((state) => state.view.rows);
  const columns = useApp((state) => state.view.columns);
  return (
    <Box position="absolute" left={0} top={Math.max(0, rows - 1)} width={columns} height={1} {...useOpaque()}>
      {children}
    </Box>
  );
}

function KeyHints({ keys }: { readonly keys: readonly KeyHint[] }) {
  return (
    <Label tone="text.muted">
      {" "}
      {keys.map(({ key, does }, index) => (
        <Label key={key} tone="text.muted">
          {index === 0 ? "" : "  "}
          <Label tone="key">{key}</Label> {does}
        </Label>
      ))}{" "}
    </Label>
  );
}

function useOpaque(): Required<Pick<BoxProps, "backgroundColor">> {
  return { backgroundColor: useTone("dialog.background").backgroundColor ?? opaqueBackground };
}

/** The hints that fit on one line, in order; the rest is in the help. */
function fittingHints(keys: readonly KeyHint[], width: number): readonly KeyHint[] {
  const widths = keys.map(({ key, does }) => textWidth(key) + 1 + textWidth(does) + 2);
  return keys.filter((_, index) => widths.slice(0, index + 1).reduce((sum, one) => sum + one, 0) <= width + 2);
}

/** Cut to `width` columns, not padded. */
function cut(text: string, width: number): string {
  return fitText(text, Math.min(Math.max(0, width), textWidth(text)));
}
