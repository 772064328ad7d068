import type { PodDetailState } from "../../../app/slices/pod-detail.js";
import type { Pod, TelemetrySample } from "../../../contract/pod.js";
import { areaAxisColumns, areaRows, valuesPerColumn } from "../../paint/area.js";
import { fit, type Piece, widthOf } from "../../paint/columns.js";
import { percent, significant } from "../../paint/number-format.js";
import { resample, sparkline } from "../../paint/sparkline.js";
import { windowLabel } from "../../paint/window-label.js";
import type { Look } from "../../panes/pane.js";
import { said } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

export interface ChartContext {
  readonly detail: PodDetailState;
  readonly windowMs: number;
  readonly width: number;
  readonly look: Look;
}

const gap = 2;

/** Use and memory of each GPU and of the machine over the window. Where nothing is known nothing is drawn. */
export function gpuLines(pod: Pod, context: ChartContext): readonly TabLine[] {
  const { detail, windowMs } = context;
  const { samples } = detail;
  const heading: TabLine = [["text.muted", `the last ${windowLabel(windowMs)}`]];
  if (samples === null || samples.length === 0) return [heading, [], said(whyNone(detail))];
  const count = Math.max(pod.gpus.length, samples.at(-1)?.gpus.length ?? 0);
  const height = count <= 1 ? 7 : count <= 2 ? 5 : count <= 4 ? 4 : 3;
  const gpus = Array.from({ length: count }, (_, index) => gpuBlock(pod, samples, { ...context, index, height }));
  // Of a provider that tells of no single GPU there is the mean.
  const mean = count === 0 && pod.gpuCount > 0 ? [meanBlock(pod, samples, context)] : [];
  return [heading, ...[...gpus, ...mean, hostBlock(samples, context)].flatMap((block) => [[] as TabLine, ...block])];
}

function whyNone({ samples, samplesFailure }: PodDetailState): string {
  if (samplesFailure !== null) return `The samples could not be loaded: ${samplesFailure.message}`;
  return samples === null ? "Asking for its samples …" : "Nothing was measured in this time.";
}

type Read = (sample: TelemetrySample) => number | null;

function gpuBlock(
  pod: Pod,
  samples: readonly TelemetrySample[],
  context: ChartContext & { readonly index: number; readonly height: number },
): readonly TabLine[] {
  const { index, height } = context;
  const gpu = pod.gpus[index];
  const of =
    (key: "utilPercent" | "memoryPercent" | "temperatureC" | "powerW"): Read =>
    (sample) =>
      sample.gpus[index]?.[key] ?? null;
  const title: TabLine = [
    ["title.idle", `GPU ${gpu?.index ?? index}`],
    ["text.muted", `  ${gpu?.name ?? pod.gpuType}`],
  ];
  const charts = beside(
    chart("use", samples, { ...context, height, read: of("utilPercent"), ceiling: 100, unit: "%" }),
    chart("memory", samples, {
      ...context,
      height,
      read: of("memoryPercent"),
      ceiling: 100,
      unit: "%",
      more: memoryText(gpu),
    }),
    context.width,
  );
  const heat = [
    trend("temperature", samples, { ...context, read: of("temperatureC"), ceiling: 100, unit: " C" }),
    trend("power", samples, { ...context, read: of("powerW"), ceiling: 800, unit: " W" }),
  ].filter((line) => line.length > 0);
  const [left = [], right = []] = heat;
  return [title, ...charts, ...(heat.length === 0 ? [] : beside([left], [right], context.width))];
}

function memoryText(gpu: Pod["gpus"][number] | undefined): string {
  if (gpu === undefined || gpu.memoryTotalMiB === null) return "";
  const used = gpu.memoryUsedMiB === null ? "–" : significant(gpu.memoryUsedMiB / 1024);
  return `  ${used} of ${significant(gpu.memoryTotalMiB / 1024)} GiB`;
}

function meanBlock(pod: Pod, samples: readonly TelemetrySample[], context: ChartContext): readonly TabLine[] {
  const read = {
    util: ({ gpuUtilPercent }: TelemetrySample) => gpuUtilPercent,
    memory: ({ gpuMemoryPercent }: TelemetrySample) => gpuMemoryPercent,
  };
  return [
    [["title.idle", `${pod.gpuCount} GPUs, their mean`]],
    ...beside(
      chart("use", samples, { ...context, height: 6, read: read.util, ceiling: 100, unit: "%" }),
      chart("memory", samples, { ...context, height: 6, read: read.memory, ceiling: 100, unit: "%" }),
      context.width,
    ),
  ];
}

function hostBlock(samples: readonly TelemetrySample[], context: ChartContext): readonly TabLine[] {
  const memory: Read = ({ memoryUsedBytes: used, memoryTotalBytes: total }) =>
    used === null || total === null || total === 0 ? null : (100 * used) / total;
  return [
    [["title.idle", "Machine"]],
    ...beside(
      chart("CPU", samples, { ...context, height: 4, read: ({ cpuPercent }) => cpuPercent, ceiling: 100, unit: "%" }),
      chart("memory", samples, { ...context, height: 4, read: memory, ceiling: 100, unit: "%" }),
      context.width,
    ),
  ];
}

interface ChartRequest extends ChartContext {
  readonly read: Read;
  readonly ceiling: number;
  readonly unit: string;
  readonly height: number;
  readonly more?: string;
}

const halfOf = (width: number) => Math.floor((width - gap) / 2);

function chart(name: string, samples: readonly TelemetrySample[], request: ChartRequest): readonly TabLine[] {
  const { read, ceiling, unit, height, look, more = "" } = request;
  const columns = Math.max(1, halfOf(request.width) - areaAxisColumns);
  const values = valuesOver(samples, read, request.windowMs, columns * valuesPerColumn(look));
  const now = values.at(-1) ?? null;
  const title: TabLine = [
    ["text.muted", `${" ".repeat(areaAxisColumns)}${name} `],
    ["text.strong", unit === "%" ? percent(now) : `${significant(now)}${unit}`],
    ["text.muted", more],
  ];
  return [title, ...areaRows({ values, ceiling, label: `${ceiling}`, height }, look)];
}

function valuesOver(samples: readonly TelemetrySample[], read: Read, windowMs: number, count: number) {
  const known = samples.map((sample) => ({ at: sample.at, value: read(sample) }));
  const wide = resample(known, { untilMs: samples.at(-1)?.at ?? 0, spanMs: windowMs, count });
  // Fewer samples than columns: a value stands until the next, as long as the samples lie no further apart than that.
  const everyMs = (windowMs / Math.max(1, samples.length)) * 2;
  const holds = Math.ceil((everyMs / windowMs) * count);
  let held: number | null = null;
  let age = 0;
  return wide.map((value) => {
    age = value === null ? age + 1 : 0;
    held = value ?? (age <= holds ? held : null);
    return held;
  });
}

/** A small line with its newest number; nothing where the provider does not tell. */
function trend(
  name: string,
  samples: readonly TelemetrySample[],
  request: Omit<ChartRequest, "height">,
): readonly Piece[] {
  const { read, ceiling, unit, look, windowMs, width } = request;
  const half = halfOf(width);
  const room = half - areaAxisColumns - name.length - 9;
  const values = valuesOver(samples, read, windowMs, Math.max(1, room));
  const now = values.findLast((value) => value !== null) ?? null;
  if (now === null) return [];
  const line: Piece[] = [
    ["text.muted", `${" ".repeat(areaAxisColumns)}${name} `],
    ...sparkline(values, ceiling, room, look),
  ];
  line.push(["text.primary", ` ${Math.round(now)}${unit}`]);
  return line;
}

function beside(left: readonly TabLine[], right: readonly TabLine[], width: number): readonly TabLine[] {
  const half = halfOf(width) + gap;
  return left.map((line, index) => [
    ...line,
    ["text.primary", fit("", half - widthOf(line))] as Piece,
    ...(right[index] ?? []),
  ]);
}
