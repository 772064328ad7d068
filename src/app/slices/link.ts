import type { Connection, Link } from "../../contract/connection.js";
import type { Lab } from "../../contract/lab.js";
import type { Failure } from "../../core/failure.js";

/** What the screen is attached to and whether what it shows is live. */
export interface LinkState {
  /** `local lab`, `www.hubify.com` …; empty until attached. */
  readonly label: string;
  readonly lab: Lab | null;
  readonly link: Link;
  /** Port method (`experiments.cancel`) → why this connection does not offer it. */
  readonly missing: Connection["missing"];
  /** Why attaching failed, when it did; the room keeps trying. */
  readonly failure: Failure | null;
  /** No command that changes anything is offered. */
  readonly readOnly: boolean;
  /** The last known state of an earlier run of the room is on the screen; nothing live has come yet. */
  readonly fromDisk: boolean;
  /** When that state was saved; null without one. */
  readonly savedAt: number | null;
}

export type LinkEvent =
  | {
      readonly type: "link/attached";
      readonly label: string;
      readonly lab: Lab;
      readonly missing?: Connection["missing"];
    }
  /** The first live data has come: what was read from disk is gone from the screen. */
  | { readonly type: "link/refreshed" }
  | { readonly type: "link/changed"; readonly link: Link }
  | { readonly type: "link/failed"; readonly failure: Failure };

export const initialLink: LinkState = {
  label: "",
  lab: null,
  link: { state: "connecting", since: 0, detail: "starting" },
  missing: {},
  failure: null,
  readOnly: false,
  fromDisk: false,
  savedAt: null,
};

export function linkReducer(state: LinkState, event: LinkEvent): LinkState {
  switch (event.type) {
    case "link/attached":
      return { ...state, label: event.label, lab: event.lab, missing: event.missing ?? {}, failure: null };
    case "link/refreshed":
      return { ...state, fromDisk: false };
    case "link/changed":
      return { ...state, link: event.link, failure: event.link.state === "live" ? null : state.failure };
    case "link/failed":
      return { ...state, failure: event.failure };
  }
}

/** When the data on the screen was last known good; null while it is live. */
export function staleSince(state: LinkState): number | null {
  if (state.fromDisk) return state.savedAt ?? state.link.since;
  return state.link.state === "lost" ? state.link.since : null;
}
