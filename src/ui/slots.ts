import type { PaneId } from "../app/slices/view.js";

export type SlotName = PaneId | "header" | "strip" | "footer";

/** Which Surface of the compositor shows what; the same before and under Ink. */
export const slots: Readonly<Record<SlotName, number>> = {
  header: 1,
  strip: 2,
  footer: 3,
  queue: 4,
  log: 5,
  pods: 6,
  chain: 7,
  costs: 8,
};
