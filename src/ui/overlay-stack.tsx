import { Box, useInput, usePaste } from "ink";
import { type ReactNode, useCallback } from "react";
import type { Overlay } from "../app/slices/view.js";
import { useApp, useUi } from "./hooks.js";
import { overlayViews } from "./overlays/index.js";
import { inkKeyName, typedText } from "./widgets/ink-key.js";
import { useKeyQueue } from "./widgets/use-key-queue.js";
import { OverlayContext } from "./widgets/use-keys.js";

/** What lies over the panes, the newest on top. It alone hears Ink's keys and pastes and gives them to the top one. */
export function OverlayStack() {
  const { store } = useUi();
  const overlays = useApp((state) => state.view.overlays);
  const columns = useApp((state) => state.view.columns);
  const rows = useApp((state) => state.view.rows);
  const top = useCallback(() => store.api.getState().view.overlays.at(-1), [store]);
  const queue = useKeyQueue(top);
  useInput((input, key) => queue.push({ type: "key", name: inkKeyName(input, key), text: typedText(input, key) }));
  usePaste((text) => queue.push({ type: "paste", text }));
  return (
    <Box position="absolute" width={columns} height={rows} overflow="hidden">
      {overlays.map((overlay, index) => (
        <OverlayContext key={`${index} ${overlay.kind}`} value={{ overlay, queue }}>
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
