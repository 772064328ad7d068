import { useInput, usePaste } from "ink";
import { type ReactNode, useState } from "react";
import type { Overlay } from "../app/slices/view.js";
import { useApp, useUi } from "./hooks.js";
import { createKeyQueue } from "./key-queue.js";
import { overlayViews } from "./overlays/index.js";
import { inkKeyName, typedText } from "./widgets/ink-key.js";
import { OverlayContext } from "./widgets/use-keys.js";

/** What lies over the panes, the newest on top. It alone hears Ink's keys and pastes and gives them to the top one. */
export function OverlayStack() {
  const { store } = useUi();
  const overlays = useApp((state) => state.view.overlays);
  const [queue] = useState(() =>
    createKeyQueue({
      top: () => store.api.getState().view.overlays.at(-1),
      // React's own work for the last key was queued before this.
      afterDrawn: (next) => void setImmediate(next),
    }),
  );
  useInput((input, key) => queue.push({ type: "key", name: inkKeyName(input, key), text: typedText(input, key) }));
  usePaste((text) => queue.push({ type: "paste", text }));
  return overlays.map((overlay, index) => (
    <OverlayContext key={`${index} ${overlay.kind}`} value={{ overlay, queue }}>
      <OverlayView overlay={overlay} />
    </OverlayContext>
  ));
}

function OverlayView({ overlay }: { readonly overlay: Overlay }) {
  const View = overlayViews[overlay.kind] as (props: { overlay: Overlay }) => ReactNode;
  return <View overlay={overlay} />;
}
