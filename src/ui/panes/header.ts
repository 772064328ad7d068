import { totals } from "../../app/selectors/totals.js";
import { staleSince } from "../../app/slices/link.js";
import type { AppState } from "../../app/store.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import type { Tone } from "../../theme/tones.js";
import { type BarPart, barRow } from "../paint/bar.js";
import { type Piece, printable } from "../paint/columns.js";
import { glyph, spinnerGlyph, staleLook } from "../paint/look.js";
import { count, timeOfDay } from "../paint/number-format.js";
import type { Look } from "./pane.js";

/** One row: where, how the link is, what runs, what it costs, what is wrong, and the time. */
export function headerRow(state: AppState, width: number, look: Look): string {
  const left: BarPart[] = [
    { pieces: [["text.strong", "hubify-tui"]], rank: 7 },
    { pieces: placePieces(state), rank: 5 },
  ];
  const right: BarPart[] = [
    { pieces: linkPieces(state, look), rank: 0 },
    { pieces: countPieces(state), rank: 1 },
    ...moneyParts(state),
    { pieces: alertPieces(state, look), rank: 0 },
    { pieces: [["text.muted", timeOfDay(state.view.nowMs, 5)]], rank: 4 },
  ];
  return barRow(look.paint, width, left, staleSince(state.link) === null ? right : faded(right, look));
}

/** Counts and money of a lost link are old: they are drawn like the panes, the link and the alerts are not. */
function faded(parts: readonly BarPart[], look: Look): BarPart[] {
  const quiet = (tone: Tone): Tone => (staleLook(look).paint(tone, "x") === look.paint(tone, "x") ? tone : "stale");
  return parts.map((part, index) =>
    index === 1 || index === 2 || index === 3
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

/** `● live`, `○ lost 42 s · retry in 3 s · r retries`, `last known 2 h ago`. */
export function linkPieces({ link, view }: AppState, look: Look): Piece[] {
  const { nowMs } = view;
  const known: Piece[] = [];
  if (link.fromDisk) {
    const age = link.savedAt === null ? "" : ` ${longDuration(nowMs - link.savedAt)} ago`;
    known.push(["link.connecting", `last known${age}`]);
  }
  switch (link.link.state) {
    case "live":
      return known.length > 0 ? known : [["link.live", `${glyph("running", look)} live`]];
    case "connecting": {
      const detail = link.failure === null ? link.link.detail : link.failure.message;
      const tone = link.failure === null ? "link.connecting" : "link.lost";
      const words: Piece[] = [[tone, `${spinnerGlyph(view.spin, look)} ${printable(detail)}`]];
      return known.length > 0 ? [...known, ["text.muted", " · "], ...words] : words;
    }
    case "lost": {
      const { since, retryAt } = link.link;
      const pieces: Piece[] = [["link.lost", `${glyph("stopped", look)} lost ${longDuration(nowMs - since)}`]];
      const wait = retryAt === null ? null : Math.max(0, Math.ceil((retryAt - nowMs) / 1000));
      pieces.push([
        "text.muted",
        wait === null || wait === 0 ? " · retrying" : ` · retry in ${longDuration(wait * 1000)}`,
      ]);
      if (wait !== null && wait > 0) pieces.push(["text.muted", " · "], ["key", "r"], ["text.muted", " retries"]);
      return pieces;
    }
  }
}

export function countPieces(state: AppState): Piece[] {
  if (!state.experiments.loaded) return [];
  const { running, queued, blocked } = totals(state);
  const pieces: Piece[] = [
    [running > 0 ? "status.running" : "text.muted", `${count(running)} running`],
    ["text.muted", `  ${count(queued)} queued`],
  ];
  if (blocked > 0) pieces.push(["text.muted", "  "], ["status.blocked", `${count(blocked)} blocked`]);
  return pieces;
}

/** Nothing is said of money where nothing has a price. */
function moneyParts(state: AppState): BarPart[] {
  const { burnUsdPerHour, todayUsd } = totals(state);
  const priced = state.pods.rows.some(
    ({ costPerHourUsd, costTodayUsd }) => costPerHourUsd !== null || costTodayUsd !== null,
  );
  if (!priced)
    return [
      { pieces: [], rank: 2 },
      { pieces: [], rank: 3 },
    ];
  return [
    { pieces: [["money", `${usd(burnUsdPerHour)}/h`]], rank: 2 },
    {
      pieces: [
        ["money", usd(todayUsd)],
        ["text.muted", " today"],
      ],
      rank: 3,
    },
  ];
}

/** Only what nobody has acknowledged; the worst one gives the tone. */
export function alertPieces({ alerts }: AppState, look: Look): Piece[] {
  const open = alerts.open.filter(({ acknowledged }) => !acknowledged);
  if (open.length === 0) return [];
  const worst = (["critical", "warning", "info"] as const).find((severity) =>
    open.some((alert) => alert.severity === severity),
  );
  const text = `${glyph("alert", look)} ${count(open.length)} ${open.length === 1 ? "alert" : "alerts"}`;
  return [[`alert.${worst ?? "info"}`, worst === "critical" ? ` ${text} ` : text]];
}
