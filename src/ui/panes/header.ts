import { isBalanceLow, lowRunwayHours, type Money, money } from "../../app/selectors/money.js";
import { totals } from "../../app/selectors/totals.js";
import { staleSince } from "../../app/slices/link.js";
import type { AppState } from "../../app/store.js";
import type { Link } from "../../contract/connection.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import type { Tone } from "../../theme/tones.js";
import { type BarPart, barRow } from "../paint/bar.js";
import { clip, type Piece, printable } from "../paint/columns.js";
import { glyph, spinnerGlyph, staleLook } from "../paint/look.js";
import { count, timeOfDay } from "../paint/number-format.js";
import type { Look } from "./pane.js";

/** One row: where, how the link is, what runs, what it costs, what is wrong, and the time. */
export function headerRow(state: AppState, width: number, look: Look): string {
  const left: BarPart[] = [
    { pieces: [["text.strong", "hubify-tui"]], rank: 7 },
    { pieces: placePieces(state), rank: 6 },
  ];
  const right: BarPart[] = [
    { pieces: linkPieces(state, look, width), rank: 0 },
    { pieces: countPieces(state), rank: 1 },
    ...moneyParts(state),
    { pieces: balancePieces(money(state)), rank: 1 },
    { pieces: alertPieces(state, look), rank: 0 },
    { pieces: [["text.muted", timeOfDay(state.view.nowMs, 5)]], rank: 5 },
  ];
  return barRow(look.paint, width, left, staleSince(state.link) === null ? right : faded(right, look));
}

/** Counts and money of a lost link are old: they are drawn like the panes, the link and the alerts are not. */
function faded(parts: readonly BarPart[], look: Look): BarPart[] {
  const quiet = (tone: Tone): Tone => (staleLook(look).paint(tone, "x") === look.paint(tone, "x") ? tone : "stale");
  return parts.map((part, index) =>
    index >= 1 && index <= 4
      ? { ...part, pieces: part.pieces.map(([tone, text]): Piece => [quiet(tone), text]) }
      : part,
  );
}

function placePieces({ link }: AppState): Piece[] {
  const { lab, label, readOnly } = link;
  const pieces: Piece[] = [];
  if (lab !== null) pieces.push(["text.accent", printable(lab.name)]);
  if (label !== "") pieces.push(["text.muted", lab === null ? printable(label) : ` · ${printable(label)}`]);
  if (readOnly) pieces.push(["link.connecting", " · read-only"]);
  return pieces;
}

/** From here on there is room for why the link is lost; the footer has the key to retry. */
const reasonFromColumns = 100;
const mostReasonColumns = 36;

/** `● live`, `○ lost 42 s: connection reset · retry in 3 s`, `○ lost 42 s · retry in 3 s · r retries`, `last known 2 h ago`. */
function linkPieces(state: AppState, look: Look, width: number): Piece[] {
  const { fromDisk, link } = state.link;
  if (fromDisk && link.state === "live") return knownPieces(state);
  if (link.state === "live") return livePieces(link, look, width);
  const words = link.state === "lost" ? lostPieces(link, state.view.nowMs, look, width) : connectingPieces(state, look);
  return fromDisk ? [...knownPieces(state), ["text.muted", " · "], ...words] : words;
}

/** What slows it down is said where there is room; else only that there is something. The alert has it in full. */
function livePieces({ detail }: Extract<Link, { state: "live" }>, look: Look, width: number): Piece[] {
  const live: Piece = ["link.live", `${glyph("running", look)} live`];
  if (detail === undefined) return [live];
  if (width < reasonFromColumns) return [live, ["link.connecting", ", slowed"]];
  return [live, ...clip([["link.connecting", ` ${printable(detail)}`]], mostReasonColumns)];
}

function knownPieces({ link: { savedAt }, view: { nowMs } }: AppState): Piece[] {
  const age = savedAt === null ? "" : ` ${longDuration(nowMs - savedAt)} ago`;
  return [["link.connecting", `last known${age}`]];
}

function connectingPieces({ link: { link, failure }, view }: AppState, look: Look): Piece[] {
  const detail = failure?.message ?? (link.state === "connecting" ? link.detail : "");
  return [
    [failure === null ? "link.connecting" : "link.lost", `${spinnerGlyph(view.spin, look)} ${printable(detail)}`],
  ];
}

function lostPieces(link: Extract<Link, { state: "lost" }>, nowMs: number, look: Look, width: number): Piece[] {
  const { since, retryAt } = link;
  const lost: Piece = ["link.lost", `${glyph("stopped", look)} lost ${longDuration(nowMs - since)}`];
  const waitSeconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - nowMs) / 1000));
  const why: readonly Piece[] =
    width < reasonFromColumns ? [] : clip([["text.muted", `: ${printable(link.reason)}`]], mostReasonColumns);
  if (waitSeconds === 0) return [lost, ...why, ["text.muted", " · retrying"]];
  const retry: Piece = ["text.muted", ` · retry in ${longDuration(waitSeconds * 1000)}`];
  if (why.length > 0) return [lost, ...why, retry];
  return [lost, retry, ["text.muted", " · "], ["key", "r"], ["text.muted", " retries"]];
}

function countPieces(state: AppState): Piece[] {
  // Where there are no experiments, none is not news.
  if (!state.experiments.loaded || state.link.missing["experiments.create"] !== undefined) return [];
  const { running, queued, blocked } = totals(state);
  const pieces: Piece[] = [
    [running > 0 ? "status.running" : "text.muted", `${count(running)} running`],
    ["text.muted", `  ${count(queued)} queued`],
  ];
  if (blocked > 0) pieces.push(["text.muted", "  "], ["status.blocked", `${count(blocked)} blocked`]);
  return pieces;
}

/** Burn, today, month: nothing is said of money where nothing has a price. */
function moneyParts(state: AppState): BarPart[] {
  const spent = money(state);
  const priced =
    spent.monthUsd !== null ||
    state.pods.rows.some(({ costPerHourUsd, costTodayUsd }) => costPerHourUsd !== null || costTodayUsd !== null);
  const estimate = spent.estimated;
  const today: Piece[] = [
    ["money", usd(spent.todayUsd, { estimate })],
    ["text.muted", " today"],
  ];
  return [
    { pieces: priced ? [["money", `${usd(spent.burnUsdPerHour)}/h`]] : [], rank: 2 },
    { pieces: priced ? today : [], rank: 3 },
    { pieces: monthPieces(spent), rank: 4 },
  ];
}

const budgetTones = { none: "money", ok: "money", warn: "alert.warning", over: "alert.critical" } as const;

/** `$212 of $500`: cents say nothing of a month. */
function monthPieces({ monthUsd, budgetUsd, budgetState, estimated }: Money): Piece[] {
  if (monthUsd === null || budgetUsd === null) return [];
  const whole = (amountUsd: number) => `$${count(Math.round(amountUsd))}`;
  return [
    [budgetTones[budgetState], `${estimated ? "~" : ""}${whole(monthUsd)}`],
    ["text.muted", ` of ${whole(budgetUsd)}`],
  ];
}

/** Only when it will not last. */
function balancePieces(spent: Money): Piece[] {
  if (!isBalanceLow(spent) || spent.runwayHours === null) return [];
  const critical = spent.runwayHours < lowRunwayHours.critical;
  const left = longDuration(spent.runwayHours * 3_600_000);
  return [[critical ? "alert.critical" : "alert.warning", `${usd(spent.balanceUsd)} left, ${left}`]];
}

/** Only what nobody has acknowledged; the worst one gives the tone. */
function alertPieces({ alerts }: AppState, look: Look): Piece[] {
  const open = alerts.open.filter(({ acknowledged }) => !acknowledged);
  if (open.length === 0) return [];
  const worst = (["critical", "warning", "info"] as const).find((severity) =>
    open.some((alert) => alert.severity === severity),
  );
  const text = `${glyph("alert", look)} ${count(open.length)} ${open.length === 1 ? "alert" : "alerts"}`;
  return [[`alert.${worst ?? "info"}`, worst === "critical" ? ` ${text} ` : text]];
}
