import { Box } from "ink";
import { useState } from "react";
import type { Piece } from "../paint/columns.js";
import { Line } from "./line.js";
import { belowWords, scrolled } from "./scrolled.js";
import { useKeys } from "./use-keys.js";

/** A line of a tab: words in tones. */
export type TabLine = readonly Piece[];

interface LinesProps {
  readonly lines: readonly TabLine[];
  readonly width: number;
  readonly height: number;
  /** Stays at the end while lines come, until a person scrolls up. */
  readonly follows?: boolean;
  /** In front of what the last row says of the position. */
  readonly state?: TabLine;
  /** Nothing comes at present: to say that it follows would be untrue. */
  readonly isCut?: boolean;
  /** Keys that do not scroll. */
  readonly onKey: (name: string) => void;
}

/** Lines of any number in a window of which only those in sight are drawn; the last row says where it is. */
export function Lines({ lines, width, height, follows = false, state, isCut = false, onKey }: LinesProps) {
  const [wanted, setWanted] = useState<number | null>(follows ? null : 0);
  const hasFoot = lines.length > height || state !== undefined;
  const window = Math.max(1, hasFoot ? height - 1 : height);
  const last = Math.max(0, lines.length - window);
  const top = Math.min(wanted ?? last, last);
  useKeys(({ name }) => {
    const target = scrolled(name, top, { page: Math.max(1, window - 1), last });
    if (name === "f" && follows) setWanted(wanted === null ? top : null);
    else if (target === undefined) onKey(name);
    // At the end it follows again.
    else setWanted(follows && target >= last ? null : Math.max(0, Math.min(target, last)));
  });
  const shown = lines.slice(top, top + window);
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      {shown.map((line, index) => (
        <Line key={index} pieces={line} width={width} />
      ))}
      {hasFoot ? (
        <Box marginTop={window - shown.length} height={1} flexShrink={0}>
          <Line
            width={width}
            pieces={[...(state ?? []), ...followWords(follows, wanted, isCut), ["text.muted", belowWords(top, last)]]}
          />
        </Box>
      ) : null}
    </Box>
  );
}

function followWords(follows: boolean, wanted: number | null, isCut: boolean): TabLine {
  if (!follows || (isCut && wanted === null)) return [];
  return wanted === null ? [["link.live", "following  "]] : [["link.connecting", "paused, f follows  "]];
}
