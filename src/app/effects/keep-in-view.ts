import type { Unsubscribe } from "../../contract/connection.js";
import { listTop } from "../list-top.js";
import type { AppState, AppStore } from "../store.js";

const lists = ["queue", "pods"] as const;

/** Remembers where each list was scrolled to, so that the next move scrolls it no further than the cursor needs. */
export function keepInView({ api, dispatch }: AppStore): Unsubscribe {
  return api.subscribe((state, before) => {
    for (const pane of lists) {
      if (!mayScroll(state, before, pane)) continue;
      const top = listTop(state, pane);
      if (top !== state.view.tops[pane]) dispatch({ type: "view/listScrolled", pane, top });
    }
  });
}

function mayScroll(state: AppState, before: AppState, pane: (typeof lists)[number]): boolean {
  if (state.view.bodies !== before.view.bodies) return true;
  return pane === "queue" ? state.experiments !== before.experiments : state.pods !== before.pods;
}
