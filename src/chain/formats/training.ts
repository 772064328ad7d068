import type { ChainEvent } from "../event.js";
import type { Format } from "../format.js";
import { numberSource, toNumber } from "../number.js";

const number = `(${numberSource})`;

/** `Val Loss` → `val_loss`: metric names are short, lower-case and without blanks. */
const metricName = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\w./-]+/g, "_")
    .slice(0, 48);

/** Metric events of `[name, printed value]` pairs; what is not a number is left out. */
function metrics(rank: number, step: number | null, pairs: readonly (readonly [string, string | undefined])[]) {
  const events: ChainEvent[] = [];
  for (const [name, text] of pairs) {
    if (text === undefined) continue;
    const value = toNumber(text);
    if (Number.isNaN(value) && !/nan/i.test(text)) continue;
    events.push({ kind: "metric", rank, name: metricName(name), value, step });
  }
  return events;
}

const stepOf = (text: string | undefined) => (text === undefined ? null : toNumber(text));

/** Hugging Face Trainer: one Python dict a line; recent versions print the floats as strings. */
export const huggingFace: Format = {
  tool: "hf-trainer",
  family: "training",
  reads: "line",
  needles: ["'epoch':"],
  patterns: [
    {
      name: "dict",
      re: /\{'[^']+': .*'epoch': '?([\d.]+)'?.*\}/,
      events: ([dict, epoch], rank) => {
        const pair = new RegExp(String.raw`'([^']+)': '?${number}'?(?=[,}])`, "gi");
        const pairs = [...(dict ?? "").matchAll(pair)].map(([, key, value]) => [key ?? "", value] as const);
        return metrics(
          rank,
          stepOf(epoch),
          pairs.filter(([key]) => key !== "epoch"),
        );
      },
    },
  ],
};

/** torchtitan: `step:  1  loss:  8.12345  grad_norm:  1.2345  memory: 40.12GiB(50.12%)  tps: 1,234  tflops: 12.34  mfu: 12.34%`. */
export const torchtitan: Format = {
  tool: "torchtitan",
  family: "training",
  reads: "line",
  needles: ["loss:"],
  patterns: [
    {
      name: "step",
      re: new RegExp(String.raw`\bstep:\s*(\d+)\s+loss:\s*${number}(.*)$`),
      events: ([, step, loss, rest = ""], rank) => {
        const find = (key: string) => new RegExp(String.raw`\b${key}:\s*${number}`, "i").exec(rest)?.[1];
        return metrics(rank, stepOf(step), [
          ["loss", loss],
          ["grad_norm", find("grad_norm")],
          ["memory_gib", find("memory")],
          ["tokens_per_second", find("tps")],
          ["tflops", find("tflops")],
          ["mfu_percent", find("mfu")],
        ]);
      },
    },
  ],
};

/** nanoGPT: `iter 100: loss 2.1234, time 123.45ms, mfu 12.34%` and `step 0: train loss 4.2000, val loss 4.1900`. */
export const nanoGpt: Format = {
  tool: "nanogpt",
  family: "training",
  reads: "line",
  needles: ["loss "],
  patterns: [
    {
      name: "iter",
      re: new RegExp(String.raw`^iter (\d+): loss ${number}(?:, time ${number}ms)?(?:, mfu ${number}%)?`, "i"),
      events: ([, step, loss, timeMs, mfu], rank) =>
        metrics(rank, stepOf(step), [
          ["loss", loss],
          ["iteration_ms", timeMs],
          // nanoGPT prints -100 until it knows.
          ["mfu_percent", mfu?.startsWith("-") === true ? undefined : mfu],
        ]),
    },
    {
      name: "evaluation",
      re: new RegExp(String.raw`^step (\d+): train loss ${number}, val loss ${number}`, "i"),
      events: ([, step, train, validation], rank) =>
        metrics(rank, stepOf(step), [
          ["train_loss", train],
          ["val_loss", validation],
        ]),
    },
  ],
};

/** Names of the abscissa, which are no metrics of their own. */
const stepNames = /^(?:global_)?(?:step|iter(?:ation)?|epoch|seed)s?$/i;

/** `lr=1e-4`, also several in a line; not what is part of a path, an address, an option or a date. NaN is left to known names. */
const finite = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const equalPair = new RegExp(String.raw`(?<![\w.?&/"'$-])([A-Za-z][\w./-]{0,47})=(${finite})(?![\w:/-]|\.\w)`, "g");
/** `lr: 1e-4`, where a line has nothing but such pairs. */
const colonPair = new RegExp(String.raw`([A-Za-z][\w./-]{0,47}):\s*(${finite})(?=[\s,;|]|$)`, "g");
const onlyColonPairs = new RegExp(String.raw`^\s*(?:[A-Za-z][\w./-]{0,47}:\s*${finite}(?:\s*[,;|]\s*|\s+|\s*$))+$`);
const known = new RegExp(
  String.raw`\b((?:(?:train|val|valid|validation|test|eval)[ _])?(?:loss|accuracy|recall|precision))(?:\s*[=:]\s*|\s+)${number}(?![\w/])`,
  "gi",
);

type Pair = readonly [name: string, value: string | undefined];

const pairsOf = (line: string, regex: RegExp): Pair[] =>
  [...line.matchAll(regex)].map(([, name = "", value]) => [name, value] as const);

/**
 * `epoch 3 … loss=0.21 val_loss: 0.3 recall 0.9`: well-known names followed by a number, wherever they stand; `lr=1e-4`; and lines
 * of `name: number` alone.
 */
export const plainMetrics: Format = {
  tool: "plain",
  family: "training",
  reads: "line",
  needles: ["loss", "Loss", "uracy", "recall", "precision", "="],
  patterns: [
    {
      name: "named",
      re: /^.*(?:loss|accuracy|recall|precision|\w[=:]\s*[+\-.\d]).*$/i,
      events: ([line = ""], rank) => {
        const pairs = [
          ...pairsOf(line, known),
          ...pairsOf(line, equalPair),
          ...(onlyColonPairs.test(line) ? pairsOf(line, colonPair) : []),
        ];
        const byName = new Map<string, Pair>();
        for (const pair of pairs) {
          const name = metricName(pair[0]);
          if (!stepNames.test(name) && !byName.has(name)) byName.set(name, pair);
        }
        const step = /\b(?:step|iter(?:ation)?|epoch|seed)[ =:]+(\d+)/i.exec(line)?.[1];
        return metrics(rank, stepOf(step), [...byName.values()]);
      },
    },
  ],
};
