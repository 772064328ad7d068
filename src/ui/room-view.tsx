import { Box, useWindowSize } from "ink";
import { useApp } from "./hooks.js";
import { arrange } from "./layout.js";
import { OverlayStack } from "./overlay-stack.js";
import { rectOf } from "./painter.js";
import { type SlotName, slots } from "./slots.js";
import { Surface } from "./surface.js";

const names = Object.keys(slots) as SlotName[];

/** The whole screen: a Surface where the layout has each part, and over them what the person has opened. */
export function RoomView() {
  const { columns, rows } = useWindowSize();
  const focus = useApp((state) => state.view.focus);
  const zoomed = useApp((state) => state.view.zoomed);
  const layout = arrange({ columns, rows, focus, zoomed });
  return (
    <Box width={columns} height={rows}>
      {names.map((name) => {
        const rect = rectOf(layout, name);
        if (rect === null || rect.width === 0 || rect.height === 0) return null;
        const { x, y, width, height } = rect;
        return (
          <Box key={name} position="absolute" left={x} top={y}>
            <Surface slot={slots[name]} width={width} height={height} />
          </Box>
        );
      })}
      <OverlayStack />
    </Box>
  );
}
