import { Text } from "ink";
import { Children, type ReactNode } from "react";
import type { Tone } from "../../theme/tones.js";
import { useTone, useUi } from "../hooks.js";
import { toAscii } from "../paint/ascii.js";

interface LabelProps {
  readonly tone?: Tone | undefined;
  /** A second tone whose background goes under the first, e.g. `row.selected`. */
  readonly on?: Tone | undefined;
  /** Front and back changed places: the cursor. */
  readonly inverse?: boolean;
  /** Over several lines instead of cut with `…`. */
  readonly wrap?: boolean;
  readonly children: ReactNode;
}

/** The only component that turns a tone into a colour. One line, cut, unless it may wrap. */
export function Label({
  tone = "text.primary",
  on = "text.primary",
  inverse = false,
  wrap = false,
  children,
}: LabelProps) {
  const { look } = useUi();
  const shown = look.unicode ? children : Children.map(children, asciiOf);
  const style = { ...useTone(on), ...useTone(tone) };
  if (inverse) return <Text inverse>{shown}</Text>;
  return (
    <Text wrap={wrap ? "wrap" : "truncate"} {...style}>
      {shown}
    </Text>
  );
}

const asciiOf = (child: ReactNode) => (typeof child === "string" ? toAscii(child) : child);
