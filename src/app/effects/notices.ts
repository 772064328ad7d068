import type { Unsubscribe } from "../../contract/connection.js";
import type { EffectOptions } from "./attach.js";

/** Long enough to read what the server said; a failure stays twice as long. */
const shownMs = 8000;

/** Takes the notice off the footer after a while. The activity list keeps it. */
export function clearNotices({ store, timers }: Pick<EffectOptions, "store" | "timers">): Unsubscribe {
  let cancel: () => void = () => undefined;
  const unsubscribe = store.api.subscribe(({ actions: { notice } }, before) => {
    if (notice === before.actions.notice) return;
    cancel();
    if (notice === null) return;
    cancel = timers.after(notice.tone === "bad" ? 2 * shownMs : shownMs, () =>
      store.dispatch({ type: "notice/cleared" }),
    );
  });
  return () => {
    cancel();
    unsubscribe();
  };
}
