import type { Unsubscribe } from "../../contract/connection.js";
import { deriveAlerts } from "./alerts.js";
import type { EffectOptions } from "./attach.js";
import { keepInView } from "./keep-in-view.js";
import { keepSelection } from "./keep-selection.js";
import { clearNotices } from "./notices.js";
import { continueSearch } from "./search.js";
import { spin, tick } from "./tick.js";

/** Everything that happens by itself, whatever the room is attached to; `attach` is started once there is a connection. */
export function startEffects(options: EffectOptions): Unsubscribe {
  const stops = [
    keepSelection(options.store),
    keepInView(options.store),
    tick(options),
    spin(options),
    clearNotices(options),
    continueSearch(options),
    deriveAlerts(options),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
