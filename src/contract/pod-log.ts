import { z } from "zod";
import type { PodLogLine } from "./pod.js";

/** The data of one frame of a pod's log, at RunPod and at the lab: `{"ts":"2026-06-01T12:02:03Z","source":"container","line":"…"}`. */
const Frame = z.object({
  ts: z.string().catch(""),
  source: z.string().catch("unknown"),
  line: z.string(),
});

/** An event of a pod's log as its line. What can't be read is shown as it came: a line is never hidden. */
export function podLogLine(event: { id: string | null; data: string; isTooLong: boolean }): PodLogLine {
  const id = event.id ?? "";
  if (event.isTooLong) return { id, at: null, source: "unknown", line: "(a line of more than 1 MiB is left out)" };
  const frame = Frame.safeParse(fromJson(event.data));
  if (!frame.success) return { id, at: null, source: "unknown", line: event.data };
  const at = Date.parse(frame.data.ts);
  return { id, at: Number.isNaN(at) ? null : at, source: frame.data.source, line: frame.data.line };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
