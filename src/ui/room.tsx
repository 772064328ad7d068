import { Box } from "ink";
import { use } from "react";
import { useApp, useUi } from "./hooks.js";
import { arrange, type Layout } from "./layout.js";
import { OverlayStack } from "./overlay-stack.js";
import { rectOf, rowsOf } from "./painter.js";
import { type SlotName, slots } from "./slots.js";
import { CompositorContext, Surface } from "./surface.js";

const names = Object.keys(slots) as SlotName[];

/**
 * The root of the Ink tree: a Surface for every part of the layout, exactly where the painter puts it before Ink is there, and
 * what lies over them. Data never passes through here: only layout, focus and overlays make Ink draw.
 */
export function Room() {
  const columns = useApp((state) => state.view.columns);
  const rows = useApp((state) => state.view.rows);
  const focus = useApp((state) => state.view.focus);
  const zoomed = useApp((state) => state.view.zoomed);
  const layout = arrange({ columns, rows, focus, zoomed });
  return (
    <Box width={columns} height={rows} overflow="hidden">
      {names.map((name) => (
        <Part key={name} name={name} layout={layout} />
      ))}
      <OverlayStack />
    </Box>
  );
}

interface PartProps {
  readonly name: SlotName;
  readonly layout: Layout;
}

function Part({ name, layout }: PartProps) {
  const isPlain = use(CompositorContext) === null;
  const rect = rectOf(layout, name);
  if (rect === null || rect.width === 0 || rect.height === 0) return null;
  const { x, y, width, height } = rect;
  return (
    <Box position="absolute" left={x} top={y} width={width} height={height}>
      {isPlain ? (
        <PlainPart name={name} size={{ width, height }} />
      ) : (
        <Surface slot={slots[name]} width={width} height={height} />
      )}
    </Box>
  );
}

/** Without a compositor (tests, plain Ink) the rows are drawn by Ink. */
function PlainPart({ name, size }: { readonly name: SlotName; readonly size: { width: number; height: number } }) {
  const { runner, look } = useUi();
  const state = useApp((whole) => whole);
  return <Surface slot={slots[name]} {...size} rows={rowsOf(name, state, size, { look, keymap: runner.keymap })} />;
}
