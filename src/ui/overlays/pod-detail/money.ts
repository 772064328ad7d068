import type { AppState } from "../../../app/store.js";
import type { Pod, TelemetrySample } from "../../../contract/pod.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import { fit, type Piece } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { significant } from "../../paint/number-format.js";
import type { Look } from "../../panes/pane.js";
import { paired, said, section } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

const hourMs = 3_600_000;
/** A longer gap between samples is unknown, and counts for nothing. */
const longestGapMs = 1.5 * hourMs;
const shownDays = 14;

export interface MoneyContext {
  readonly state: Pick<AppState, "podDetail" | "costs" | "actions">;
  readonly nowMs: number;
  readonly width: number;
  readonly look: Look;
}

/** What it has cost, day by day, and what has happened to it. */
export function moneyLines(pod: Pod, context: MoneyContext): readonly TabLine[] {
  const { state, width } = context;
  const row = state.costs.costs?.pods.find(({ id, name }) => id === pod._id || name === pod.name);
  const estimate = { estimate: row?.estimated ?? pod.costEstimated };
  const facts = [
    { name: "Now", value: `${usd(pod.costPerHourUsd)} an hour`, tone: "money" as const },
    { name: "Today", value: usd(row?.todayUsd ?? pod.costTodayUsd, estimate), tone: "money" as const },
    { name: "Month", value: usd(row?.monthUsd ?? pod.costMonthUsd, estimate), tone: "money" as const },
    { name: "Idle", value: usd(row?.idleUsd), tone: "text.primary" as const },
    { name: "Disk", value: usd(row?.diskUsd), tone: "text.primary" as const },
    { name: "GPU hours", value: significant(row?.gpuHours), tone: "text.primary" as const },
  ];
  return [
    ...paired(facts, width),
    ...section("By day, from its samples"),
    ...dayLines(context),
    ...section("What happened"),
    ...eventLines(pod, context),
  ];
}

interface DayCost {
  readonly at: number;
  readonly usd: number;
}

/** Price by time from sample to sample; days of which nothing is known are left out. */
export function costByDay(samples: readonly TelemetrySample[]): readonly DayCost[] {
  const days = new Map<number, number>();
  for (let index = 1; index < samples.length; index++) {
    const [from, to] = [samples[index - 1], samples[index]];
    if (from?.costPerHourUsd === undefined || from.costPerHourUsd === null || to === undefined) continue;
    if (to.at - from.at > longestGapMs) continue;
    const day = new Date(from.at).setHours(0, 0, 0, 0);
    days.set(day, (days.get(day) ?? 0) + (from.costPerHourUsd * (to.at - from.at)) / hourMs);
  }
  return [...days].map(([at, amountUsd]) => ({ at, usd: amountUsd })).slice(-shownDays);
}

function dayLines({ state, width, look }: MoneyContext): readonly TabLine[] {
  const { days, samplesFailure } = state.podDetail;
  if (samplesFailure !== null) return [said(`They could not be loaded: ${samplesFailure.message}`)];
  if (days === null) return [said("Asking for its samples …")];
  const costs = costByDay(days);
  if (costs.length === 0) return [said("Nothing with a price was measured in the last two weeks.")];
  const most = Math.max(0.01, ...costs.map((day) => day.usd));
  const room = Math.max(4, Math.min(60, width - 30));
  const block = look.charts === "ascii" ? "#" : "▆";
  return costs.toReversed().map(
    (day): TabLine => [
      ["text.muted", fit(dateTime(day.at).slice(0, 10), 12)],
      ["money", fit(usd(day.usd, { estimate: true }), 10, "right")],
      ["money", `  ${block.repeat(day.usd <= 0 ? 0 : Math.max(1, Math.round((day.usd / most) * room)))}`],
    ],
  );
}

interface Moment {
  readonly at: number;
  readonly piece: Piece;
}

/** Known moments of its life, and what was done to it from here; the newest first. */
function eventLines(pod: Pod, { state, nowMs }: MoneyContext): readonly TabLine[] {
  const moments: Moment[] = [{ at: pod.createdAt, piece: ["text.primary", "created"] }];
  if (pod.startedAt !== null) moments.push({ at: pod.startedAt, piece: ["status.running", "started"] });
  if (pod.idleSince !== null)
    moments.push({
      at: pod.idleSince,
      piece: ["alert.warning", `idle since then${pod.idleReason === null ? "" : `: ${pod.idleReason}`}`],
    });
  if (pod.autoStopAt !== null)
    moments.push({ at: pod.autoStopAt, piece: ["alert.warning", "will be stopped for idleness"] });
  if (pod.maxHoursAt !== null) {
    const end = pod.maxHoursAction === "terminate" ? "terminated" : "stopped";
    moments.push({ at: pod.maxHoursAt, piece: ["text.primary", `end of its max hours: will be ${end}`] });
  }
  if (pod.trouble !== null) moments.push({ at: pod.updatedAt, piece: ["level.error", pod.trouble.message] });
  for (const { at, text, tone } of state.actions.history) {
    if (text.includes(pod.name)) moments.push({ at, piece: [tone === "bad" ? "level.error" : "text.primary", text] });
  }
  return moments
    .toSorted((a, b) => b.at - a.at)
    .map(
      ({ at, piece }): TabLine => [
        [
          "text.muted",
          `${dateTime(at)}  ${fit(at > nowMs ? `in ${longDuration(at - nowMs)}` : `${longDuration(nowMs - at)} ago`, 18)}`,
        ],
        piece,
      ],
    );
}
