import type { ReactNode } from "react";
import { type Ui, UiContext } from "./hooks.js";
import { Room } from "./room.js";

export { mountInk } from "./ink-host.js";

/** The room's Ink tree. With `mountInk` the door of a chunk of its own: the first frame is painted before it is loaded. */
export function inkNode(ui: Ui): ReactNode {
  return (
    <UiContext value={ui}>
      <Room />
    </UiContext>
  );
}
