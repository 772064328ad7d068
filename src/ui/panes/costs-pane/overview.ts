import { isBalanceLow, lowRunwayHours } from "../../../app/selectors/money.js";
import type { Costs } from "../../../contract/cost.js";
import { longDuration, shortDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import type { Tone } from "../../../theme/tones.js";
import { clip, fit, type Piece, row, widthOf } from "../../paint/columns.js";
import { glyph } from "../../paint/look.js";
import { count, hoursText, percent, timeOfDay } from "../../paint/number-format.js";
import type { Look } from "../pane.js";

const hoursPerMonth = 730;
const hourMs = 3_600_000;
const nameColumns = 10;

/** What is spent now, today and in the month, and how that stands to the budget: the rows above the charts. */
export function overviewRows(costs: Costs, width: number, look: Look): string[] {
  return [...bannerRows(costs, width, look), ...budgetRows(costs, width, look), ...factRows(costs, width, look)];
}

/** What has stopped, or soon will. */
function bannerRows({ budget, balance }: Costs, width: number, look: Look): string[] {
  const lines: Piece[] = [];
  if (budget.queuePaused !== null) lines.push(["alert.critical", ` queue paused: ${budget.queuePaused} `]);
  if (isBalanceLow(balance)) {
    const critical = (balance.runwayHours ?? 0) < lowRunwayHours.critical;
    const left = longDuration((balance.runwayHours ?? 0) * hourMs);
    const text = `${glyph("alert", look)} ${usd(balance.usd)} left: in ${left} every pod stops`;
    lines.push([critical ? "notice.bad" : "alert.warning", text]);
  }
  return lines.map((piece) => row(look.paint, width, [["text.primary", " "], ...clip([piece], width - 2)]));
}

const budgetTones: Readonly<Record<Costs["budget"]["state"], Tone>> = {
  none: "status.running",
  ok: "status.running",
  warn: "alert.warning",
  over: "notice.bad",
};

/** `budget     ━━━━━━━━━╸──────┊──  42% of $500.00 · warns at $400.00`. */
function budgetRows(costs: Costs, width: number, look: Look): string[] {
  const { summary, budget } = costs;
  if (budget.monthlyUsd === null || budget.monthlyUsd <= 0) return [];
  const tone = budgetTones[budget.state];
  const words = budgetWords(costs, tone, Math.max(24, Math.floor(width * 0.6)));
  const barWidth = Math.max(6, width - 2 - nameColumns - widthOf(words));
  const markAt = budget.warnUsd === null ? -1 : Math.round((budget.warnUsd / budget.monthlyUsd) * barWidth) - 1;
  const share = (summary.totalUsd ?? 0) / budget.monthlyUsd;
  const bar = budgetBar(share, { width: barWidth, markAt, tone }, look);
  return [
    row(look.paint, width, [["text.primary", " "], ["text.muted", fit("budget", nameColumns)], ...bar, ...words]),
  ];
}

/** As much as there is room for: how much of it is gone, then what happens when. */
function budgetWords({ summary, budget, estimated }: Costs, tone: Tone, room: number): Piece[] {
  const { warnUsd, hardLimitUsd } = budget;
  const limits = [
    warnUsd === null || budget.state === "over" ? "" : ` · warns at ${usd(warnUsd)}`,
    hardLimitUsd === null ? "" : ` · queue pauses at ${usd(hardLimitUsd)}`,
  ];
  const pieces: Piece[] = [[tone, `  ${goneWords(summary.totalUsd, budget.monthlyUsd ?? 0, estimated)}`]];
  for (const limit of limits) {
    if (widthOf(pieces) + limit.length <= room) pieces.push(["text.muted", limit]);
  }
  return pieces;
}

function goneWords(totalUsd: number | null, budgetUsd: number, estimate: boolean): string {
  if (totalUsd === null) return `– of ${usd(budgetUsd)}`;
  if (totalUsd > budgetUsd) return `${usd(totalUsd - budgetUsd, { estimate })} over ${usd(budgetUsd)}`;
  return `${estimate ? "~" : ""}${percent((totalUsd / budgetUsd) * 100)} of ${usd(budgetUsd)}`;
}

function budgetBar(
  share: number,
  { width, markAt, tone }: { readonly width: number; readonly markAt: number; readonly tone: Tone },
  look: Look,
): Piece[] {
  const [full, rest, mark] = look.unicode ? (["━", "─", "┿"] as const) : (["=", ".", "|"] as const);
  const filled = Math.round(Math.max(0, Math.min(1, share)) * width);
  return Array.from({ length: width }, (_, at): Piece => {
    if (at === markAt) return [at < filled ? tone : "alert.warning", mark];
    return at < filled ? [tone, full] : ["chart.axis", rest];
  });
}

interface CostFact {
  readonly name: string;
  readonly pieces: readonly Piece[];
}

function factRows(costs: Costs, width: number, look: Look): string[] {
  const across = width >= 120 ? 4 : width >= 58 ? 2 : 1;
  const each = Math.floor((width - 1) / across);
  const facts = factsOf(costs, each - nameColumns - 1);
  return Array.from({ length: Math.ceil(facts.length / across) }, (_, line) => {
    const pieces = facts.slice(line * across, (line + 1) * across).flatMap(({ name, pieces: value }): Piece[] => {
      const kept = whole([["text.muted", fit(name, nameColumns)], ...value], each - 1);
      return [...kept, ["text.primary", " ".repeat(Math.max(0, each - widthOf(kept)))]];
    });
    return row(look.paint, width, [["text.primary", " "], ...pieces]);
  });
}

/** Pieces as far as they fit: a number that is cut is a wrong one. Only the first of a fact is cut, if it must be. */
function whole(pieces: readonly Piece[], room: number): readonly Piece[] {
  const [name, first] = pieces;
  const kept = clip(
    [name, first].filter((piece) => piece !== undefined),
    room,
  );
  for (const piece of pieces.slice(2)) {
    if (widthOf(kept) + widthOf([piece]) > room) break;
    kept.push(piece);
  }
  return kept;
}

function factsOf(costs: Costs, room: number): readonly CostFact[] {
  const { summary, todayUsd, estimated: estimate } = costs;
  const { liveRunning } = summary;
  return [
    {
      name: "now",
      pieces: [
        ["money", `${usd(liveRunning.hourlyUsd)}/h`],
        ["text.muted", `  ${count(liveRunning.podCount)} ${liveRunning.podCount === 1 ? "pod" : "pods"}`],
      ],
    },
    { name: "today", pieces: [["money", usd(todayUsd, { estimate })]] },
    {
      name: "month",
      pieces: [
        ["money", usd(summary.totalUsd, { estimate })],
        [
          "text.muted",
          summary.gpuHours === null || summary.gpuHours === 0 ? "" : `  ${hoursText(summary.gpuHours)} GPU h`,
        ],
      ],
    },
    { name: "projected", pieces: projectionPieces(costs) },
    { name: "idle", pieces: idlePieces(costs) },
    { name: "disks", pieces: diskPieces(costs.stoppedDiskHourlyUsd) },
    { name: "balance", pieces: balancePieces(costs, room) },
    { name: "billed", pieces: billedPieces(costs) },
  ];
}

function projectionPieces({ projectedMonthUsd: projected, budget }: Costs): readonly Piece[] {
  if (projected === null) return [["text.muted", "–"]];
  const tooMuch = budget.monthlyUsd !== null && projected > budget.monthlyUsd;
  return [
    [tooMuch ? "alert.warning" : "money", usd(projected, { estimate: true })],
    [tooMuch ? "alert.warning" : "text.muted", tooMuch ? " over" : ""],
  ];
}

/** What went for nothing. */
function idlePieces({ idleMonthUsd, idleTodayUsd }: Costs): readonly Piece[] {
  if (idleMonthUsd === null && idleTodayUsd === null) return [["text.muted", "–"]];
  if ((idleMonthUsd ?? idleTodayUsd ?? 0) < 0.01) return [["text.muted", "nothing wasted"]];
  const today = idleTodayUsd === null ? "" : `, ${usd(idleTodayUsd)} today`;
  return [
    ["alert.warning", usd(idleMonthUsd)],
    ["alert.warning", today],
  ];
}

function diskPieces(hourlyUsd: number | null): readonly Piece[] {
  if (hourlyUsd === null) return [["text.muted", "–"]];
  if (hourlyUsd === 0) return [["text.muted", "none"]];
  return [
    ["money", `${usd(hourlyUsd * hoursPerMonth)}/mo`],
    ["text.muted", " stopped"],
  ];
}

/** How long it lasts is what counts of it: where room is short, in short. */
function balancePieces({ balance }: Costs, room: number): readonly Piece[] {
  if (balance.usd === null) return [["text.muted", balance.reason === null ? "–" : `–  ${balance.reason}`]];
  const lastsMs = balance.runwayHours === null ? null : balance.runwayHours * hourMs;
  const long = lastsMs === null ? "" : `  lasts ${longDuration(lastsMs)}`;
  const left = usd(balance.usd).length + long.length <= room ? long : `  ${shortDuration(lastsMs)}`;
  return [
    ["money", usd(balance.usd)],
    [isBalanceLow(balance) ? "alert.warning" : "text.muted", lastsMs === null ? "" : left],
  ];
}

function billedPieces({ billedUntil, estimated }: Costs): readonly Piece[] {
  if (billedUntil === null) return [["text.muted", estimated ? "nothing yet, all is ~" : "–"]];
  return [["text.muted", `to ${timeOfDay(billedUntil, 5)}${estimated ? ", then ~" : ""}`]];
}
