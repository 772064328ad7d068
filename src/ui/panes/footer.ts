import type { FooterEntry } from "../../app/key-table.js";
import type { AppState } from "../../app/store.js";
import { clip, type Piece, printable, row, widthOf } from "../paint/columns.js";
import { spinnerGlyph } from "../paint/look.js";
import type { Look } from "./pane.js";

const noticeTones = { good: "notice.good", bad: "notice.bad", info: "notice.info" } as const;
const gap = "  ";
/** What keys keep of the row beside a long notice; on a wide screen a share of it. */
const leastKeyColumns = 22;
const wide = { fromColumns: 100, noticeShare: 0.45, failureShare: 0.6 };

/**
 * One row: the keys that work here, now; at the right what is being done or what the server said. Of a command that can't
 * run the reason is shown where there is room. Keys that do not fit are left out whole.
 */
export function footerRow(state: AppState, entries: readonly FooterEntry[], width: number, look: Look): string {
  const room = Math.max(0, width - 2);
  const said = clip(noticePieces(state, look), noticeRoom(state, entries, room));
  const keysRoom = room - (said.length > 0 ? widthOf(said) + 3 : 0);
  const keys = keyPieces(entries, keysRoom);
  const blanks = Math.max(0, room - widthOf(keys) - widthOf(said));
  return row(look.paint, width, [["text.primary", " "], ...keys, ["text.primary", " ".repeat(blanks)], ...said]);
}

/** The keys come first: a notice has what they leave, and never less than its share. */
function noticeRoom({ actions }: AppState, entries: readonly FooterEntry[], room: number): number {
  if (entries.length === 0) return room;
  if (room < wide.fromColumns) return Math.max(0, room - leastKeyColumns);
  const share = actions.notice?.tone === "bad" ? wide.failureShare : wide.noticeShare;
  const keys = entries.filter(({ reason }) => reason === null).flatMap((entry) => entryPieces(entry, false));
  return Math.max(room - widthOf(keys) - 3, Math.floor(room * share));
}

/** The last entry, which is help, stays; of the others first those go that can't run now, then those at the end. */
function keyPieces(entries: readonly FooterEntry[], room: number): Piece[] {
  const whole = (list: readonly (readonly Piece[])[]) =>
    list.reduce((sum, pieces) => sum + widthOf(pieces), -gap.length);
  const long = entries.map((entry) => entryPieces(entry, true));
  if (whole(long) <= room) return withoutLastGap(long.flat());
  const short = entries.map((entry) => entryPieces(entry, false));
  if (whole(short) <= room) return withoutLastGap(short.flat());
  const kept = short.filter((_, index) => entries[index]?.reason === null);
  while (kept.length > 1 && whole(kept) > room) kept.splice(-2, 1);
  return whole(kept) <= room ? withoutLastGap(kept.flat()) : [];
}

/** A gap that nothing follows would be cut, with a mark. */
function withoutLastGap(pieces: readonly Piece[]): Piece[] {
  return pieces.map(([tone, text], index) => [tone, index === pieces.length - 1 ? text.slice(0, -gap.length) : text]);
}

function entryPieces({ key, label, reason }: FooterEntry, withReason: boolean): Piece[] {
  if (reason === null)
    return [
      ["key", key],
      ["text.muted", ` ${label}${gap}`],
    ];
  return [["stale", `${key} ${label}${withReason ? ` (${reason})` : ""}${gap}`]];
}

function noticePieces({ actions, view }: AppState, look: Look): Piece[] {
  const { pending, notice } = actions;
  const newest = pending.at(-1);
  if (newest !== undefined) {
    const more = pending.length > 1 ? ` and ${pending.length - 1} more` : "";
    return [["notice.info", `${spinnerGlyph(view.spin, look)} ${printable(newest.title)}${more} …`]];
  }
  return notice === null ? [] : [[noticeTones[notice.tone], printable(notice.text)]];
}
