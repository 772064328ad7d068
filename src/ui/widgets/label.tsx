import { Text } from "ink";
import type { ReactNode } from "react";
import type { Tone } from "../../theme/tones.js";
import { useTone } from "../hooks.js";

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
  const style = { ...useTone(on), ...useTone(tone) };
  if (inverse) return <Text inverse>{children}</Text>;
  return (
    <Text wrap={wrap ? "wrap" : "truncate"} {...style}>
      {children}
    </Text>
  );
}
