import { chainHealth } from "../../app/selectors/chain-health.js";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import type { AppState } from "../../app/store.js";
import type { ChainHealth } from "../../chain/convergence.js";
import { minCheckpoints } from "../../chain/eta.js";
import type { Experiment } from "../../contract/experiment.js";
import type { MetricPoint, MetricSeries } from "../../contract/metrics.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { clip, fit, type Piece, row, widthOf } from "../paint/columns.js";
import { glyph, spinnerGlyph } from "../paint/look.js";
import { failureLines, type NoticeLine, noticeRows } from "../paint/notice.js";
import { count, percent, shortCount, significant } from "../paint/number-format.js";
import { paneFrame } from "../paint/pane-frame.js";
import { linearScale, logScale, type PlotPoint, plotRows } from "../paint/plot.js";
import { progressBar } from "../paint/progress-bar.js";
import type { Look, Pane, PaneSize } from "./pane.js";

const legendColumns = 27;
/** Below this width the legend stands above the chart instead of beside it. */
const besideColumns = 50;

/** Is the selected chain converging, and when will it be done. For other runs: the number they report. */
export const chainPane: Pane = {
  id: "chain",
  title: "Chain",
  minimum: { width: 30, height: 5 },
  rows(state, size, look) {
    const { chain } = state;
    const health = chainHealth(state);
    const experiment =
      chain.experimentId === null ? undefined : visibleExperiments(state.experiments).byId(chain.experimentId);
    const subject: Piece[] = experiment === undefined ? [] : [["text.strong", experiment.experimentId]];
    const failure = health === null ? null : chain.failure;
    const text = { id: "chain", subject, right: rightOf(health, look), failure } as const;
    return paneFrame({ state, size, look }, text, (bodyLook, inner) => {
      if (health !== null && chain.series !== null) {
        const picture = health.isChain
          ? chainPicture(health, hourlyUsd(state, experiment), state, bodyLook)
          : metricPicture(chain.series, experiment, bodyLook);
        if (picture !== null) return pictureRows({ ...picture, series: chain.series }, inner, bodyLook);
      }
      return noticeRows(stateLines(state, experiment, look), inner, look);
    });
  },
};

/** A chart and what is said beside it, the most important line first. */
interface Picture {
  readonly points: readonly PlotPoint[];
  readonly scale: ReturnType<typeof logScale>;
  readonly target: number | null;
  readonly legend: readonly (readonly Piece[])[];
}

function pictureRows(picture: Picture & { readonly series: MetricSeries }, inner: PaneSize, look: Look): string[] {
  const { width, height } = inner;
  const { legend } = picture;
  const beside = width >= besideColumns;
  const legendHeight = beside ? 0 : Math.min(legend.length, Math.max(1, height - 5));
  const plotWidth = beside ? width - legendColumns - 2 : width - 1;
  const plot = plotted(picture, { width: plotWidth, height: height - legendHeight }, look);
  if (!beside) {
    const above = legend.slice(0, legendHeight).map((line) => row(look.paint, width, [["text.primary", " "], ...line]));
    return [...above, ...plot.map((line) => row(look.paint, width, line))];
  }
  return plot.map((line, index) => {
    const gap: Piece = ["text.primary", " ".repeat(Math.max(0, plotWidth - widthOf(line)) + 2)];
    return row(look.paint, width, [...line, gap, ...clip(legend[index] ?? [], legendColumns)]);
  });
}

interface Plotted {
  readonly key: string;
  readonly rows: ReturnType<typeof plotRows>;
}
const plots = new WeakMap<MetricSeries, Plotted>();

/** The chart of a series is drawn again only when a number has come or the room has changed. */
function plotted(picture: Picture & { readonly series: MetricSeries }, size: PaneSize, look: Look): Plotted["rows"] {
  const key = `${size.width} ${size.height} ${look.charts}`;
  const known = plots.get(picture.series);
  if (known?.key === key) return known.rows;
  const { points, scale, target } = picture;
  const rows = plotRows({ points, scale, target, ...size }, look);
  plots.set(picture.series, { key, rows });
  return rows;
}

function rightOf(health: ChainHealth | null, look: Look): Piece[] {
  if (health?.isChain !== true) return [];
  const { latest, target } = health.means;
  const value = `R-1 ${significant(latest?.value, 2)} ${glyph("arrow", look)} ${significant(target.value, 2)}${target.isDefault ? " (default)" : ""}`;
  return [[health.converged ? "status.pass" : "text.primary", value]];
}

function chainPicture(health: ChainHealth, costUsdPerHour: number | null, state: AppState, look: Look): Picture {
  const { history, target } = health.means;
  const usable = history.filter(({ value }) => value > 0 && Number.isFinite(value));
  return {
    points: spreadOver(usable),
    scale: logScale(
      usable.map(({ value }) => value),
      target.value,
    ),
    target: target.value,
    legend: [...outlook(health, costUsdPerHour, state, look), ...chainNumbers(health, look)],
  };
}

/** What is to come; of a run that has ended without converging nothing is. */
function outlook(
  health: ChainHealth,
  costUsdPerHour: number | null,
  state: AppState,
  look: Look,
): (readonly Piece[])[] {
  const { endedAt } = visibleExperiments(state.experiments).byId(state.chain.experimentId ?? "") ?? { endedAt: null };
  const isOver = endedAt !== null && health.convergedAt === null && trouble(health) === null;
  if (isOver) return [[["text.muted", "ended before it converged"]]];
  return [verdict(health, state.view.nowMs, look), ...costLine(health, costUsdPerHour)];
}

/** One line that answers "is it all right": what is wrong, or that it has converged, or when it will. */
function verdict(health: ChainHealth, nowMs: number, look: Look): Piece[] {
  const wrong = trouble(health);
  if (wrong !== null) return [["alert.warning", `${glyph("alert", look)} ${wrong}`]];
  if (health.convergedAt !== null) {
    return [["status.pass", `${glyph("pass", look)} converged ${longDuration(nowMs - health.convergedAt)} ago`]];
  }
  if (health.burnInLeft !== null && health.burnInLeft > 0)
    return [["text.accent", `burning in, ${shortCount(health.burnInLeft)} left`]];
  const { eta, means } = health;
  if (eta === null) {
    const have = means.history.length;
    if (have >= minCheckpoints) return [["text.muted", "no estimate yet"]];
    return [["text.muted", `ETA after ${minCheckpoints} tests, now ${have}`]];
  }
  return [["text.accent", `done in ${range(eta.lowMs, eta.highMs)}`]];
}

/** What it will have cost until then, as a range too; nothing where that is not known. */
function costLine(health: ChainHealth, costUsdPerHour: number | null): (readonly Piece[])[] {
  const { eta, converged } = health;
  if (eta === null || converged || costUsdPerHour === null || trouble(health) !== null) return [];
  const dollars = (ms: number) => {
    const amountUsd = (ms / 3_600_000) * costUsdPerHour;
    return amountUsd < 10 ? usd(amountUsd) : `$${count(amountUsd)}`;
  };
  return [
    [
      ["text.muted", "cost".padEnd(10)],
      ["money", `${dollars(eta.lowMs)}–${dollars(eta.highMs)}`],
    ],
  ];
}

/** `40–50 min`, `40 min–2 h`: rounded, because it is an estimate. */
function range(lowMs: number, highMs: number): string {
  const [low, high] = [rough(lowMs), rough(highMs)];
  if (low === high) return low;
  const [lowUnit, highUnit] = [low.split(" ")[1], high.split(" ")[1]];
  return lowUnit === highUnit ? `${low.split(" ")[0] ?? ""}–${high}` : `${low}–${high}`;
}

function rough(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1.5) return "1 min";
  if (minutes < 100) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48
    ? `${hours < 10 ? hours.toFixed(1).replace(".0", "") : Math.round(hours)} h`
    : `${Math.round(hours / 24)} d`;
}

function trouble(health: ChainHealth): string | null {
  const ranks = (list: readonly number[]) => (list.length === 1 ? `rank ${list[0] ?? 0}` : `ranks ${list.join(" ")}`);
  if (health.notFiniteAt !== null) return "not a number";
  if (health.stuckAt !== null) return "chain is stuck";
  if (health.stuckEarly.length > 0) return `nothing accepted: ${ranks(health.stuckEarly)}`;
  if (health.silent) return `silent for ${longDuration(health.silentForMs)}`;
  if (health.cutOffAt !== null) return "step limit reached";
  if (health.converged) return null;
  if (health.stragglers.length > 0) return `slow: ${ranks(health.stragglers)}`;
  return health.plateau ? "R-1 no longer falls" : null;
}

function chainNumbers(health: ChainHealth, look: Look): (readonly Piece[])[] {
  const { means, bounds, acceptance, stepsPerSecond, accepted, acceptedPerHour, ess } = health;
  const arrow = glyph("arrow", look);
  const toTarget = ({ latest, target }: ChainHealth["means"]) =>
    `${significant(latest?.value, 2)} ${arrow} ${significant(target.value, 2)}`;
  const lines = [
    legendLine("accept", `${significant(acceptance?.value, 2)}${acceptance?.thinned === true ? " thinned" : ""}`),
    legendLine("speed", stepsPerSecond === null ? "–" : `${significant(stepsPerSecond, 2)} steps/s`),
    legendLine(
      "accepted",
      `${shortCount(accepted)}${acceptedPerHour === null ? "" : `, ${shortCount(acceptedPerHour)}/h`}`,
    ),
    legendLine("ESS", shortCount(ess)),
  ];
  if (bounds.latest !== null) lines.push(legendLine("bounds", toTarget(bounds)));
  if (health.ranks.length > 1) lines.push(legendLine("ranks", rankText(health)));
  lines.push(legendLine("tests", shortCount(means.history.length)));
  if (health.restarts > 0) lines.push(legendLine("resumed", `${health.restarts} times`));
  return lines;
}

function rankText({ ranks, slowestToFastest }: ChainHealth): string {
  return slowestToFastest === null
    ? String(ranks.length)
    : `${ranks.length}, slowest ${percent(slowestToFastest * 100)}`;
}

const legendLine = (name: string, value: string): readonly Piece[] => [
  ["text.muted", name.padEnd(10)],
  ["text.primary", value],
];

/** A run that is no chain: its loss, or the first number it reports. null when it reports none. */
function metricPicture(series: MetricSeries, experiment: Experiment | undefined, look: Look): Picture | null {
  const names = [...new Set(series.points.map(({ name }) => name))].sort((a, b) => interest(b) - interest(a));
  const [name] = names;
  if (name === undefined) return null;
  const points = series.points.filter((point) => point.name === name && Number.isFinite(point.value));
  const latest = new Map(series.points.map((point) => [point.name, point.value]));
  const values = names
    .filter((one) => one !== "progress")
    .map((one) => legendLine(fit(one, 9).trimEnd(), plainNumber(latest.get(one))));
  return {
    points: spreadOver(points),
    scale: linearScale(
      points.map(({ value }) => value),
      axisNumber,
    ),
    target: null,
    legend: [...progressLine(experiment?.progress ?? latest.get("progress"), look), ...values],
  };
}

/** What is drawn first: a loss before other numbers, the progress last. */
const interest = (name: string) => (/loss/i.test(name) ? 2 : name === "progress" ? 0 : 1);

/** Points from 0 to 1 across the chart, by step; by their order where the run counts no steps. */
function spreadOver(points: readonly Pick<MetricPoint, "step" | "value">[]): PlotPoint[] {
  const first = points[0]?.step ?? 0;
  const span = (points.at(-1)?.step ?? 0) - first;
  return points.map(({ step, value }, index) => ({
    x: span > 0 ? (step - first) / span : index / Math.max(1, points.length - 1),
    y: value,
  }));
}

function progressLine(progress: number | undefined, look: Look): (readonly Piece[])[] {
  if (progress === undefined) return [];
  return [[...progressBar(progress, legendColumns - 8, look), ["text.strong", ` ${percent(progress * 100)}`]]];
}

/** Three digits without zeros at the end. */
function plainNumber(value: number | undefined): string {
  const text = significant(value);
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

/** At most four columns. */
function axisNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1000 || Math.abs(value) < 0.01))
    return shortCount(value).length <= 4 && Math.abs(value) >= 1 ? shortCount(value) : value.toExponential(0);
  return significant(value, 2).replace(/^0\./, ".").slice(0, 4);
}

/** What the run costs per hour: that of the pod it is on. */
function hourlyUsd({ pods }: AppState, experiment: Experiment | undefined): number | null {
  const pod = pods.rows.find(({ _id }) => _id === experiment?.podId);
  return pod?.costPerHourUsd ?? null;
}

function stateLines({ chain, link, view }: AppState, experiment: Experiment | undefined, look: Look): NoticeLine[] {
  if (chain.experimentId === null) {
    return [
      ["text.strong", "Chain health"],
      ["text.muted", "R-1, acceptance, speed and time to convergence of the selected run show here."],
    ];
  }
  if (chain.failure !== null) return failureLines("The numbers of this run could not be read.", chain.failure);
  if (chain.series === null) {
    const what = link.link.state === "live" ? " Reading its numbers …" : " Its numbers come when the link does.";
    return [
      [
        ["notice.info", spinnerGlyph(view.spin, look)],
        ["text.muted", what],
      ],
    ];
  }
  if (experiment?.status === "queued" || experiment?.status === "blocked") {
    return [
      ["text.strong", "Not started yet."],
      ["text.muted", "Its numbers show here as soon as it prints some."],
    ];
  }
  return [
    ["text.strong", "No numbers yet."],
    [
      "text.muted",
      "Cobaya and CosmoMC convergence lines, losses and progress bars are read from the log and drawn here.",
    ],
  ];
}
