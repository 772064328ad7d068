import type { Queue } from "../../src/contract/queue.js";
import { nowMs } from "./fixtures.js";

export const noCounts = { queued: 0, running: 0, pass: 0, fail: 0, blocked: 0, draft: 0 };

export const queue = (place: number, changes: Partial<Queue> = {}): Queue => ({
  _id: `q${place}`,
  _creationTime: nowMs,
  id: `q${place}`,
  labId: "lab",
  name: "default",
  status: "running",
  experiments: [],
  experimentCount: 9,
  currentIdx: 0,
  counts: noCounts,
  totalEstimatedHours: null,
  totalEstimatedCostUsd: null,
  place,
  concurrency: null,
  createdAt: nowMs,
  updatedAt: nowMs,
  ...changes,
});
