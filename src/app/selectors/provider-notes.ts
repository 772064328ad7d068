import type { ProviderState } from "../../contract/provider.js";
import { longDuration } from "../../core/duration.js";
import type { AppState } from "../store.js";

export interface ProviderNote {
  readonly name: string;
  readonly label: string;
  readonly state: ProviderState["state"];
  /** In full, with since when. */
  readonly text: string;
}

const urgency = { down: 0, starting: 1, off: 2, ok: 3 } as const;

/** What keeps a provider's pods from being shown as they are, the worst first. One that has none is no news while it is off. */
export function providerNotes({ pods, view }: Pick<AppState, "pods" | "view">): readonly ProviderNote[] {
  return pods.providers
    .filter(
      ({ state, name }) => state === "down" || (state !== "ok" && !pods.rows.some((pod) => pod.provider === name)),
    )
    .map((provider) => ({ ...provider, text: noteText(provider, view.nowMs) }))
    .sort((a, b) => urgency[a.state] - urgency[b.state]);
}

export function noteText({ state, label, reason, since }: ProviderState, nowMs: number): string {
  switch (state) {
    case "ok":
      return "answers";
    case "starting":
      return `${label} is asked for its pods …`;
    case "off":
      return reason ?? `${label} is not set up`;
    case "down": {
      const age = since === null ? "" : `, for ${longDuration(Math.max(0, nowMs - since))}`;
      return `${reason ?? `${label} does not answer`}${age}`;
    }
  }
}
