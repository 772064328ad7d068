import { Activity, type Severity } from "../../contract/activity.js";
import type { Http } from "../http/http.js";
import { pageOf } from "./envelope.js";

export interface ActivityQuery {
  readonly labId: string;
  /** `experiment.failed`, or all of a noun: `experiment`. */
  readonly event?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly ref?: string | undefined;
  /** ms */
  readonly since?: number | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What happened in a lab, newest first. */
export function activityClient(http: Http) {
  return {
    list: (query: ActivityQuery) => http.get("/v1/activity", { query: { ...query }, expect: pageOf(Activity) }),
  };
}
