import type { Pod, TelemetrySample } from "../../../contract/pod.js";
import { fit, type Piece } from "../../paint/columns.js";
import { percent } from "../../paint/number-format.js";
import { resample, sparkline } from "../../paint/sparkline.js";
import type { Look } from "../pane.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A number after a sparkline: `100%` and a blank, `12–100%` and a blank, `$12.34` and a blank. */
const numberColumns = { mean: 5, perGpu: 8, cost: 8 };
/** Narrower sparklines say nothing. */
const leastSpark = 4;
/** A GPU's own line takes so much at least; else each GPU is one block. */
const leastOwnLine = 3;

export interface SparkRequest {
  readonly pod: Pod;
  readonly samples: readonly TelemetrySample[];
  readonly windowMs: number;
  readonly room: number;
  readonly look: Look;
}

interface Drawn {
  readonly key: string;
  readonly pieces: readonly Piece[];
}
type Kind = "util" | "gpus" | "cost";
const drawn: Readonly<Record<Kind, WeakMap<readonly TelemetrySample[], Drawn>>> = {
  util: new WeakMap(),
  gpus: new WeakMap(),
  cost: new WeakMap(),
};

/** Drawn again only when a sample has come or the room has changed. */
function remembered(kind: Kind, request: SparkRequest, draw: () => readonly Piece[]): readonly Piece[] {
  const { samples, room, windowMs, look, pod } = request;
  const key = `${room} ${windowMs} ${look.charts} ${pod.gpuCount}`;
  const known = drawn[kind].get(samples);
  if (known?.key === key) return known.pieces;
  const pieces = draw();
  drawn[kind].set(samples, { key, pieces });
  return pieces;
}

/** Mean use of the GPUs, of the CPUs where there is none; the number of now after it. */
export function utilSpark(request: SparkRequest, nowPercent: number | null): readonly Piece[] {
  const width = request.room - numberColumns.mean;
  const read = (sample: TelemetrySample) => (request.pod.gpuCount > 0 ? sample.gpuUtilPercent : sample.cpuPercent);
  const line = remembered("util", request, () => series(request, read, { width, ceiling: 100 }));
  return [...line, ["text.primary", fit(percent(nowPercent), numberColumns.mean, "right")]];
}

/** A line for each GPU, or a block for each where there are many, and the least and the most used of them now. */
export function gpuSparks(request: SparkRequest, nowPercent: number | null): readonly Piece[] {
  const { pod, samples, room, look } = request;
  const known = samples.at(-1)?.gpus ?? [];
  const now = (known.length > 0 ? known : pod.gpus).map(({ utilPercent }) => utilPercent);
  if (now.length < 2) return utilSpark(request, nowPercent);
  // Rather no number than a GPU that is not shown.
  const words = Math.max(0, Math.min(numberColumns.perGpu, room - now.length));
  const width = room - words;
  const own = Math.floor((width - now.length + 1) / now.length);
  const line = remembered("gpus", request, () => {
    if (own < leastOwnLine || known.length === 0) return sparkline(now, 100, Math.min(width, now.length), look);
    return now.flatMap((_, index): readonly Piece[] => {
      const read = (sample: TelemetrySample) => sample.gpus[index]?.utilPercent ?? null;
      const gap: Piece = ["text.primary", index === 0 ? "" : " "];
      return [gap, ...series(request, read, { width: own, ceiling: 100 })];
    });
  });
  const used = line.reduce((sum, [, text]) => sum + text.length, 0);
  const gap = " ".repeat(Math.max(0, width - used));
  return [
    ...line,
    ["text.primary", `${gap}${range(now).length < words ? fit(range(now), words, "right") : " ".repeat(words)}`],
  ];
}

/** `3–98%`. */
function range(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return "–";
  const [least, most] = [Math.round(Math.min(...known)), Math.round(Math.max(...known))];
  return least === most ? percent(most) : `${least}–${most}%`;
}

/** What it cost per hour over the window; over a day one value for each hour. Nothing where there is no room for it. */
export function costSpark(request: SparkRequest): readonly Piece[] {
  const width = request.room - numberColumns.cost;
  if (width < leastSpark) return [];
  return remembered("cost", request, () => {
    const count = request.windowMs >= dayMs ? Math.min(width, dayMs / hourMs) : width;
    const line = series(request, (sample) => sample.costPerHourUsd, { width, count });
    return line.map(([, text]): Piece => ["money", text]);
  });
}

function series(
  { samples, windowMs, look }: SparkRequest,
  read: (sample: TelemetrySample) => number | null,
  { width, ceiling, count = width }: { readonly width: number; readonly ceiling?: number; readonly count?: number },
): readonly Piece[] {
  if (width <= 0) return [];
  const untilMs = samples.at(-1)?.at ?? 0;
  const first = samples.findLastIndex(({ at }) => at <= untilMs - windowMs) + 1;
  const shown = samples.slice(first).map((sample) => ({ at: sample.at, value: read(sample) }));
  const values = resample(shown, { untilMs, spanMs: windowMs, count });
  // Without a ceiling a price that stays fills half of the height, so that a rise can be seen.
  const top = ceiling ?? 2 * Math.max(0.01, ...values.map((value) => value ?? 0));
  return sparkline(values, top, width, look);
}
