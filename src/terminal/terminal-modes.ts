/**
 * Alternate screen, no cursor, no autowrap, bracketed paste; then a blank screen, since not every terminal has an alternate one
 * (the Linux console, GNU screen as it comes, tmux with `alternate-screen off`) and the first frame sends no blanks.
 */
const enterModes = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[m\x1b[2J";
/** End of a torn frame, default style, whole screen scrolls, and every mode back. */
const leaveModes = "\x1b[?2026l\x1b[m\x1b[r\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";

/** Presses, drags and the wheel, reported as SGR. */
export const mouseOn = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
export const mouseOff = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

const saveTitle = "\x1b[22;2t";
const restoreTitle = "\x1b[23;2t";

/** What of the terminal is in use beyond the screen. */
export interface ModesInUse {
  readonly mouse: boolean;
  /** The window title we set; null: the title was never touched. */
  readonly title: string | null;
}

/** Takes the screen. */
export function enterSequence({ mouse, title }: ModesInUse): string {
  return enterModes + (mouse ? mouseOn : "") + (title === null ? "" : saveTitle + titleSequence(title));
}

/** Gives everything back. */
export function leaveSequence({ mouse, title }: ModesInUse): string {
  return (mouse ? mouseOff : "") + (title === null ? "" : restoreTitle) + leaveModes;
}

/** The first title of a session: the one before is kept by the terminal. */
export function firstTitleSequence(title: string): string {
  return saveTitle + titleSequence(title);
}

/** Sets the window title; control characters are dropped, long titles cut. */
export function titleSequence(title: string): string {
  return `\x1b]2;${title.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ").slice(0, 256)}\x1b\\`;
}
