import { Box, type DOMElement, measureElement } from "ink";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { Label } from "./label.js";
import { belowWords, scrolled } from "./scrolled.js";
import { useKeys } from "./use-keys.js";

interface ScrollProps {
  readonly width: number;
  readonly height: number;
  readonly children: ReactNode;
  /** Keys that do not scroll. */
  readonly onKey?: (name: string) => void;
}

/** Something taller than its box, moved by the keys of a list. Its last row says how much is below. */
export function Scroll({ width, height, children, onKey }: ScrollProps) {
  const content = useRef<DOMElement>(null);
  const [contentHeight, setContentHeight] = useState(0);
  const [wanted, setWanted] = useState(0);
  useLayoutEffect(() => {
    if (content.current !== null) setContentHeight(measureElement(content.current).height);
  }, [children, width]);
  const overflows = contentHeight > height;
  const window = overflows ? height - 1 : height;
  const last = Math.max(0, contentHeight - window);
  const top = Math.min(wanted, last);
  useKeys(({ name }) => {
    const target = scrolled(name, top, { page: Math.max(1, window - 1), last });
    if (target === undefined) onKey?.(name);
    else setWanted(Math.max(0, Math.min(target, last)));
  });
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      <Box height={window} width={width} flexShrink={0} overflow="hidden" flexDirection="column" contentOffsetY={top}>
        <Box ref={content} flexDirection="column" flexShrink={0} width={width}>
          {children}
        </Box>
      </Box>
      {overflows ? <Label tone="text.muted">{belowWords(top, last)}</Label> : null}
    </Box>
  );
}
