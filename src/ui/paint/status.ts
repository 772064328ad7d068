import type { ExperimentStatus, Priority } from "../../contract/experiment.js";
import type { Pod } from "../../contract/pod.js";
import type { Tone } from "../../theme/tones.js";
import type { GlyphName } from "./look.js";

export interface StatusLook {
  readonly tone: Tone;
  readonly glyph: GlyphName;
  readonly word: string;
}

/** A status is always a glyph and a word; the tone only repeats them. */
export const experimentLook: Readonly<Record<ExperimentStatus, StatusLook>> = {
  draft: { tone: "text.muted", glyph: "draft", word: "draft" },
  queued: { tone: "status.queued", glyph: "queued", word: "queued" },
  running: { tone: "status.running", glyph: "running", word: "running" },
  pass: { tone: "status.pass", glyph: "pass", word: "pass" },
  fail: { tone: "status.fail", glyph: "fail", word: "fail" },
  blocked: { tone: "status.blocked", glyph: "blocked", word: "blocked" },
};

export const podLook: Readonly<Record<Pod["status"], StatusLook>> = {
  creating: { tone: "status.queued", glyph: "queued", word: "creating" },
  running: { tone: "status.running", glyph: "running", word: "running" },
  stopped: { tone: "text.muted", glyph: "stopped", word: "stopped" },
  terminated: { tone: "text.muted", glyph: "terminated", word: "gone" },
};

export const priorityLook: Readonly<Record<Priority, { readonly tone: Tone; readonly word: string }>> = {
  critical: { tone: "priority.critical", word: "crit" },
  high: { tone: "priority.high", word: "high" },
  normal: { tone: "priority.normal", word: "norm" },
  low: { tone: "priority.low", word: "low" },
};
