import { isBalanceLow, lowRunwayHours } from "../../../app/selectors/money.js";
import type { Costs } from "../../../contract/cost.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import type { Tone } from "../../../theme/tones.js";
import { clip, fit, type Piece, row, widthOf } from "../../paint/columns.js";
import { glyph } from "../../paint/look.js";
import { count, percent, significant, timeOfDay } from "../../paint/number-format.js";
import type { Look } from "../pane.js";

const hoursPerMonth = 730;
const hourMs = 3_600_000;
const nameColumns = 11;

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
    const text = `${glyph("alert", look)} balance ${usd(balance.usd)} lasts ${left} at this burn: then the provider stops every pod`;
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
function budgetRows({ summary, budget, estimated }: Costs, width: number, look: Look): string[] {
  if (budget.monthlyUsd === null || budget.monthlyUsd <= 0) return [];
  const share = summary.totalUsd === null ? null : summary.totalUsd / budget.monthlyUsd;
  const tone = budgetTones[budget.state];
  const over = share !== null && share > 1 && summary.totalUsd !== null;
  const said = over
    ? `${usd((summary.totalUsd ?? 0) - budget.monthlyUsd)} over ${usd(budget.monthlyUsd)}`
    : `${estimated && share !== null ? "~" : ""}${percent(share === null ? null : share * 100)} of ${usd(budget.monthlyUsd)}`;
  const warns = budget.warnUsd === null || over ? "" : ` · warns at ${usd(budget.warnUsd)}`;
  const hard = budget.hardLimitUsd === null ? "" : ` · queue pauses at ${usd(budget.hardLimitUsd)}`;
  const words: Piece[] = clip(
    [
      [tone, `  ${said}`],
      ["text.muted", `${warns}${hard}`],
    ],
    Math.max(24, Math.floor(width * 0.55)),
  );
  const barWidth = Math.max(6, width - 2 - nameColumns - widthOf(words));
  const markAt = budget.warnUsd === null ? -1 : Math.round((budget.warnUsd / budget.monthlyUsd) * barWidth) - 1;
  const bar = budgetBar(share ?? 0, { width: barWidth, markAt, tone }, look);
  return [
    row(look.paint, width, [["text.primary", " "], ["text.muted", fit("budget", nameColumns)], ...bar, ...words]),
  ];
}

function budgetBar(
  share: number,
  { width, markAt, tone }: { readonly width: number; readonly markAt: number; readonly tone: Tone },
  look: Look,
): Piece[] {
  const [full, rest, mark] = look.unicode ? ["━", "─", "┿"] : ["=", ".", "|"];
  const filled = Math.round(Math.max(0, Math.min(1, share)) * width);
  return Array.from({ length: width }, (_, at): Piece => {
    if (at === markAt) return [at < filled ? tone : "alert.warning", mark ?? "|"];
    return at < filled ? [tone, full ?? "="] : ["chart.axis", rest ?? "."];
  });
}

interface CostFact {
  readonly name: string;
  readonly pieces: readonly Piece[];
}

function factRows(costs: Costs, width: number, look: Look): string[] {
  const facts = factsOf(costs);
  const across = width >= 120 ? 4 : width >= 58 ? 2 : 1;
  const each = Math.floor((width - 1) / across);
  return Array.from({ length: Math.ceil(facts.length / across) }, (_, line) => {
    const pieces = facts.slice(line * across, (line + 1) * across).flatMap(({ name, pieces: value }): Piece[] => {
      const kept = clip([["text.muted", fit(name, nameColumns)], ...value], each - 1);
      return [...kept, ["text.primary", " ".repeat(Math.max(0, each - widthOf(kept)))]];
    });
    return row(look.paint, width, [["text.primary", " "], ...pieces]);
  });
}

function factsOf(costs: Costs): readonly CostFact[] {
  const { summary, todayUsd, idleTodayUsd, idleMonthUsd, projectedMonthUsd, stoppedDiskHourlyUsd } = costs;
  const estimate = costs.estimated;
  const { liveRunning } = summary;
  const tooMuch =
    projectedMonthUsd !== null && costs.budget.monthlyUsd !== null && projectedMonthUsd > costs.budget.monthlyUsd;
  return [
    {
      name: "now",
      pieces: [
        ["money", `${usd(liveRunning.hourlyUsd)}/h`],
        ["text.muted", `  ${count(liveRunning.podCount)} ${liveRunning.podCount === 1 ? "pod" : "pods"}`],
      ],
    },
    { name: "today", pieces: [["money", usd(todayUsd, { estimate })], ...idlePieces(idleTodayUsd)] },
    {
      name: "month",
      pieces: [["money", usd(summary.totalUsd, { estimate })], ...idlePieces(idleMonthUsd)],
    },
    {
      name: "projected",
      pieces: [
        [tooMuch ? "alert.warning" : "money", usd(projectedMonthUsd, { estimate: projectedMonthUsd !== null })],
        [tooMuch ? "alert.warning" : "text.muted", tooMuch ? "  over the budget" : "  at this burn"],
      ],
    },
    { name: "GPU hours", pieces: [["text.primary", significant(summary.gpuHours)]] },
    { name: "disks", pieces: diskPieces(stoppedDiskHourlyUsd) },
    { name: "balance", pieces: balancePieces(costs) },
    { name: "billed", pieces: billedPieces(costs) },
  ];
}

function idlePieces(idleUsd: number | null): Piece[] {
  if (idleUsd === null) return [];
  return [[idleUsd >= 0.01 ? "alert.warning" : "text.muted", `  ${usd(idleUsd)} idle`]];
}

function diskPieces(hourlyUsd: number | null): readonly Piece[] {
  if (hourlyUsd === null) return [["text.muted", "–"]];
  if (hourlyUsd === 0) return [["text.muted", "none of stopped pods"]];
  return [
    ["money", `${usd(hourlyUsd * hoursPerMonth)}/mo`],
    ["text.muted", "  of stopped pods"],
  ];
}

function balancePieces({ balance }: Costs): readonly Piece[] {
  if (balance.usd === null) return [["text.muted", balance.reason === null ? "–" : `–  ${balance.reason}`]];
  const left = balance.runwayHours === null ? "" : `  ${longDuration(balance.runwayHours * hourMs)} left`;
  return [
    ["money", usd(balance.usd)],
    [isBalanceLow(balance) ? "alert.warning" : "text.muted", left],
  ];
}

function billedPieces({ billedUntil, estimated }: Costs): readonly Piece[] {
  if (billedUntil === null) return [["text.muted", estimated ? "nothing yet: all is estimated ~" : "–"]];
  return [["text.muted", `until ${timeOfDay(billedUntil, 5)}${estimated ? ", ~ after" : ""}`]];
}
