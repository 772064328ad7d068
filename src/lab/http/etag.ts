import { hash } from "node:crypto";
import { LabError } from "../lab-error.js";
import { jsonText } from "./json-text.js";

/**
 * Moves by itself, without anybody's edit: what a run prints, what machines do, what things cost. An edit must not collide with it.
 */
const movesByItself: ReadonlySet<string> = new Set([
  ..."updatedAt updated_at statusReason metrics progress etaAt logLines actualSeconds".split(" "),
  ..."costUsd costEstimated projectedCostUsd costTodayUsd costMonthUsd costPerHourUsd wastedUsd".split(" "),
  ..."stoppedCostPerMonthUsd runningCostPerHourUsd last gpus slotsUsed idleMinutes idleSince idleReason".split(" "),
  ..."autoStopAt proposal unsynced lastSystemLine trouble actions providerStatus".split(" "),
  ..."lastUsedAt last_used_at lastActiveAt experiment_count agent_count experimentCount agentCount".split(" "),
]);

const editable = (data: object) =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !movesByItself.has(name)));

const digest = (text: string) => hash("sha1", text, "base64url").slice(0, 12);

/**
 * The ETag of a resource, in two halves: `"<what people edit>.<all of it>"`. `If-Match` compares the first half, so that a running
 * experiment's numbers collide with nobody's edit; `If-None-Match` compares both, so that nobody keeps old numbers.
 */
export function etagOf(data: object, ofEdit: ((data: never) => unknown) | null): string {
  const edit = ofEdit === null ? editable(data) : ofEdit(data as never);
  return `"${digest(JSON.stringify(edit))}.${digest(jsonText(data))}"`;
}

/** Whether `If-None-Match` names it: the client has it already. */
export const isKnown = (header: string, etag: string): boolean => header === "*" || namedIn(header).includes(etag);

/** Refuses an edit of something that somebody else has changed since the caller read it. */
export function checkMatch(header: string, etag: string): void {
  if (header.trim() === "*") return;
  const editHalf = (tag: string) => tag.split(".")[0]?.replace(/"$/, "");
  if (namedIn(header).some((tag) => editHalf(tag) === editHalf(etag))) return;
  throw new LabError(
    "precondition_failed",
    `If-Match: somebody changed it meanwhile; its ETag is now ${etag}. Read it again, then change it.`,
  );
}

/** The tags of a header, without the mark of weak ones, which a proxy that compresses may have put there. */
const namedIn = (header: string) => header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
