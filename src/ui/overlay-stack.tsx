import { Box } from "ink";
import type { ReactNode } from "react";
import type { Overlay } from "../app/slices/view.js";
import { useApp, useUi } from "./hooks.js";
import { overlayViews } from "./overlays/index.js";
import { useKeyQueue } from "./widgets/use-key-queue.js";
import { OverlayContext } from "./widgets/use-keys.js";

/** What lies over the panes, the newest on top; that one has the keys. */
export function OverlayStack() {
  const { keys } = useUi();
  const overlays = useApp((state) => state.view.overlays);
  const columns = useApp((state) => state.view.columns);
  const rows = useApp((state) => state.view.rows);
  useKeyQueue(keys);
  return (
    <Box position="absolute" width={columns} height={rows} overflow="hidden">
      {overlays.map((overlay, index) => (
        <OverlayContext key={`${index} ${overlay.kind}`} value={{ overlay, queue: keys }}>
          <OverlayView overlay={overlay} />
        </OverlayContext>
      ))}
    </Box>
  );
}

function OverlayView({ overlay }: { readonly overlay: Overlay }) {
  const View = overlayViews[overlay.kind] as (props: { overlay: Overlay }) => ReactNode;
  return <View overlay={overlay} />;
}
