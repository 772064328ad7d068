import type { PaneId } from "../app/slices/view.js";

/** Which Surface of the compositor shows what; the same before and under Ink. */
export const slots: Readonly<Record<PaneId | "header" | "strip" | "footer", number>> = {
  header: 1,
  strip: 2,
  footer: 3,
  queue: 4,
  log: 5,
  pods: 6,
  chain: 7,
};
