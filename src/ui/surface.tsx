import { Box, type DOMElement, measureElement, Text } from "ink";
import { createContext, type RefObject, use, useLayoutEffect, useRef } from "react";
import { markerHex } from "../terminal/colour.js";
import type { Compositor } from "../terminal/compositor.js";

/** What panes are painted on; null where plain Ink draws (screen readers, `--plain`, tests of components). */
export const CompositorContext = createContext<Compositor | null>(null);

export interface SurfaceProps {
  /** 1–254; which Surface of the compositor shows here. */
  readonly slot: number;
  /** Size in cells; with a compositor it may be left out, then the Surface takes the room there is. */
  readonly width?: number;
  readonly height?: number;
  /** Rows of text with SGR for plain Ink; a compositor's Surface gets its rows from `setRows`. */
  readonly rows?: readonly string[];
}

/** Room for a painted pane. Whatever Ink draws over it wins, cell by cell. */
export function Surface(props: SurfaceProps) {
  const compositor = use(CompositorContext);
  return compositor === null ? <PlainSurface {...props} /> : <PaintedSurface {...props} compositor={compositor} />;
}

function PaintedSurface({ slot, width, height, compositor }: SurfaceProps & { readonly compositor: Compositor }) {
  const box = useRef<DOMElement>(null);
  useLayoutEffect(
    () => compositor.mount(slot, () => (box.current === null ? nowhere : measureElement(box.current))),
    [compositor, slot],
  );
  return (
    <Box
      ref={box}
      backgroundColor={markerHex(slot)}
      flexGrow={width === undefined || height === undefined ? 1 : 0}
      flexShrink={0}
      {...(width !== undefined && { width })}
      {...(height !== undefined && { height })}
    />
  );
}

const nowhere = { x: 0, y: 0, width: 0, height: 0 };

function PlainSurface({ width, height, rows = [] }: SurfaceProps) {
  const shown = height === undefined ? rows : rows.slice(0, height);
  return (
    <Box
      flexDirection="column"
      overflow="hidden"
      flexGrow={1}
      {...(width !== undefined && { width })}
      {...(height !== undefined && { height })}
    >
      {shown.map((row, index) => (
        <Text key={index} wrap="truncate">
          {row === "" ? " " : row}
        </Text>
      ))}
    </Box>
  );
}

/**
 * Puts the terminal's own cursor into a text field: `offset` columns and rows from the corner of `box`. null hides it.
 * Only the focused field may ask for it.
 */
export function useTextCursor(
  box: RefObject<DOMElement | null>,
  offset: { readonly x: number; readonly y: number } | null,
): void {
  const compositor = use(CompositorContext);
  const x = offset?.x ?? -1;
  const y = offset?.y ?? -1;
  useLayoutEffect(() => {
    if (compositor === null || x < 0 || y < 0) return undefined;
    compositor.setTextCursor(() => {
      if (box.current === null) return null;
      const at = measureElement(box.current);
      return { x: at.x + x, y: at.y + y };
    });
    return () => compositor.setTextCursor(null);
  }, [compositor, box, x, y]);
}
