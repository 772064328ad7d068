import type { ChainEvent } from "../event.js";
import type { Format } from "../format.js";
import { toNumber } from "../number.js";

/** What part is done, if the two numbers can mean that. */
function fraction(rank: number, done: string | undefined, total: string | undefined): readonly ChainEvent[] {
  const event = { kind: "fraction", rank, done: toNumber(done), total: toNumber(total) } as const;
  return event.total > 0 && event.done <= event.total ? [event] : [];
}

/** tqdm and emcee: ` 45%|████▌     | 4500/10000 [00:10<00:12, 440.12it/s]`; also with k, M and G suffixes left out. */
export const tqdm: Format = {
  tool: "tqdm",
  family: "progress",
  reads: "line",
  needles: ["%|"],
  patterns: [
    {
      name: "bar",
      re: /\d+%\|[^|]*\|\s*(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)\s+\[/,
      events: ([, done, total], rank) => fraction(rank, done, total),
    },
  ],
};

/** `[25/400] …`, the counter that sweeps and builds print, and `Epoch 3/10`. */
export const counter: Format = {
  tool: "counter",
  family: "progress",
  reads: "line",
  needles: ["/"],
  patterns: [
    {
      name: "bracket",
      re: /(?:^|\s)\[\s*(\d+)\s*\/\s*(\d+)\s*\]/,
      events: ([, done, total], rank) => fraction(rank, done, total),
    },
    {
      name: "epoch",
      re: /\bepoch\s*:?\s*\[?(\d+)\s*\/\s*(\d+)/i,
      events: ([, done, total], rank) => fraction(rank, done, total),
    },
  ],
};

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `ETA 41.7 min`, `ETA: 2.5 h`, `ETA 1:02:03`. */
export const eta: Format = {
  tool: "eta",
  family: "eta",
  reads: "line",
  needles: ["ETA"],
  patterns: [
    {
      name: "clock",
      re: /\bETA[ =:]+(?:(\d+):)?(\d+):(\d\d)\b/,
      events: ([, hours = "0", minutes, seconds], rank) => [
        {
          kind: "metric",
          rank,
          name: "eta_seconds",
          value: toNumber(hours) * 3600 + toNumber(minutes) * 60 + toNumber(seconds),
          step: null,
        },
      ],
    },
    {
      name: "unit",
      re: /\bETA[ =:]+(\d+(?:\.\d+)?)\s*(s|m|h|d)(?:ec(?:ond)?s?|in(?:ute)?s?|r|rs|our|ours|ay|ays)?\b/i,
      events: ([, value, unit = "s"], rank) => [
        {
          kind: "metric",
          rank,
          name: "eta_seconds",
          value: toNumber(value) * (unitSeconds[unit.toLowerCase()] ?? 1),
          step: null,
        },
      ],
    },
  ],
};
