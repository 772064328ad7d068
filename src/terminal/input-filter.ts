import { StringDecoder } from "node:string_decoder";
import { parseColourReply } from "./background.js";
import type { InputEvent, MouseEvent } from "./input-event.js";
import { keyName } from "./key-name.js";
import type { Timers } from "./timers.js";

const pasteStart = "\x1b[200~";
const pasteEnd = "\x1b[201~";
/** A lone ESC is a key unless the rest of a sequence follows within this time; slow lines tear sequences apart. */
const loneEscMs = 20;
const unfinishedMs = 100;
const unfinishedReplyMs = 1_000;
/** A lone Ctrl-C ends a paste whose end got lost, once nothing came for this long. */
const lostPasteMs = 1_000;

/** CSI (with the odd ones of the Linux console and rxvt), SS3, OSC; a second ESC in front is the alt key. */
const complete =
  /\x1b\x1b?(?:\[\[[A-E]|\[[235678]\$|\[(?!\[)[0-?]*[ -/]*[@-~]|O\d*[A-Za-z])|\x1b\]\d[^\x07\x1b]*(?:\x07|\x1b\\)/y;
const unfinished = /\x1b\x1b?(?:\[\[?|\[[0-?]*[ -/]*|O\d*)?$|\x1b\](?:\d[^\x07\x1b]*\x1b?)?$/y;
const mouseReport = /^\x1b\[<(\d+);(\d+);(\d+)([Mm])$/;
const colourReply = /^\x1b\]11;(.*?)(?:\x07|\x1b\\)$/s;
const attributesReply = /^\x1b\[[?>=][\d;]*c$/;

/**
 * Turns the bytes of stdin into events: one per key however they were glued together or torn apart, one per paste, and
 * the terminal's own replies kept apart from keys.
 */
export class InputFilter {
  private readonly decoder = new StringDecoder("utf8");
  private readonly timers: Timers;
  private readonly emit: (event: InputEvent) => void;
  private pending = "";
  /** Text of the paste so far; null outside a paste. */
  private paste: string[] | null = null;
  private lastInputMs = 0;
  private cancelFlush: (() => void) | null = null;

  constructor(timers: Timers, emit: (event: InputEvent) => void) {
    this.timers = timers;
    this.emit = emit;
  }

  /** Takes in what was read; calls `emit` for every event that is complete. */
  push(bytes: Uint8Array): void {
    this.cancelFlush?.();
    this.cancelFlush = null;
    const text = this.decoder.write(bytes);
    if (this.paste !== null && text === "\x03" && this.timers.now() - this.lastInputMs >= lostPasteMs)
      this.endPaste("");
    this.lastInputMs = this.timers.now();
    this.pending += text;
    this.drain();
  }

  /** Forgets unfinished input. */
  reset(): void {
    this.cancelFlush?.();
    this.cancelFlush = null;
    this.pending = "";
    this.paste = null;
  }

  private drain(): void {
    let at = 0;
    const text = this.pending;
    while (at < text.length) {
      if (this.paste !== null) {
        const end = text.indexOf(pasteEnd, at);
        if (end < 0) break;
        this.endPaste(text.slice(at, end));
        at = end + pasteEnd.length;
        continue;
      }
      const length = eventLength(text, at);
      if (length === 0) break;
      this.handle(text.slice(at, at + length));
      at += length;
    }
    this.pending = text.slice(at);
    if (this.paste !== null) this.keepPaste(this.paste);
    else if (this.pending !== "") this.cancelFlush = this.timers.after(holdMs(this.pending), () => this.flush());
  }

  /** Moves the paste's text aside, except what may be the start of its end. */
  private keepPaste(paste: string[]): void {
    let tail = Math.min(pasteEnd.length - 1, this.pending.length);
    while (tail > 0 && !pasteEnd.startsWith(this.pending.slice(-tail))) tail--;
    const kept = this.pending.length - tail;
    paste.push(this.pending.slice(0, kept));
    this.pending = this.pending.slice(kept);
  }

  private endPaste(last: string): void {
    const text = [...(this.paste ?? []), last].join("").replace(/\r\n?/g, "\n");
    this.paste = null;
    this.emit({ type: "paste", text });
  }

  /** The rest of the sequence did not come: what is there were keys. */
  private flush(): void {
    this.cancelFlush = null;
    const chunk = this.pending;
    this.pending = "";
    if (chunk === "\x1b\x1b") {
      this.handle("\x1b");
      this.handle("\x1b");
    } else this.handle(chunk);
  }

  private handle(chunk: string): void {
    if (chunk === pasteStart) {
      this.paste = [];
      return;
    }
    // The terminal answers whenever it likes: also right behind an Esc, which then looks like the alt key.
    if (chunk.startsWith("\x1b\x1b") && replyOf(chunk.slice(1)) !== undefined) {
      this.handle("\x1b");
      this.handle(chunk.slice(1));
      return;
    }
    const event = chunk.length > 2 && chunk.startsWith("\x1b") ? replyOf(chunk) : undefined;
    if (event === null) return;
    this.emit(event ?? { type: "key", chunk, name: keyName(chunk) });
  }
}

/** Length of the event at `at`; 0 if it is unfinished. */
function eventLength(text: string, at: number): number {
  const point = text.codePointAt(at) ?? 0;
  if (point !== 0x1b) return point > 0xffff ? 2 : 1;
  complete.lastIndex = at;
  const sequence = complete.exec(text);
  if (sequence !== null) return sequence[0].length;
  unfinished.lastIndex = at;
  if (unfinished.test(text)) return 0;
  const second = text.codePointAt(at + 1) ?? 0;
  if (second === 0x1b) return 1;
  return second > 0xffff ? 3 : 2;
}

function holdMs(pending: string): number {
  if (pending === "\x1b" || pending === "\x1b\x1b") return loneEscMs;
  return pending.startsWith("\x1b]") && pending.length > 2 ? unfinishedReplyMs : unfinishedMs;
}

/** The event of a sequence that is no key; null for one that means nothing; undefined for a key. */
function replyOf(chunk: string): InputEvent | null | undefined {
  if (chunk === "\x1b[0n" || chunk === "\x1b[3n") return { type: "status" };
  if (chunk === "\x1b[I" || chunk === "\x1b[O") return { type: "focus", isFocused: chunk === "\x1b[I" };
  if (chunk === pasteEnd) return null;
  const mouse = mouseReport.exec(chunk);
  if (mouse !== null) return mouseEvent(mouse);
  if (chunk.startsWith("\x1b]")) return oscEvent(chunk);
  return attributesReply.test(chunk) ? { type: "attributes", text: chunk.slice(2) } : undefined;
}

function oscEvent(chunk: string): InputEvent | null {
  const colour = parseColourReply(colourReply.exec(chunk)?.[1] ?? "");
  return colour === null ? null : { type: "background", colour };
}

const buttons = ["left", "middle", "right", null] as const;

function mouseEvent(report: RegExpExecArray): MouseEvent {
  const code = Number(report[1]);
  const button = buttons[code & 3] ?? null;
  return {
    type: "mouse",
    action: mouseAction(code, report[4] === "m"),
    button: code >= 64 ? null : button,
    x: Number(report[2]) - 1,
    y: Number(report[3]) - 1,
    shift: (code & 4) !== 0,
    alt: (code & 8) !== 0,
    ctrl: (code & 16) !== 0,
  };
}

function mouseAction(code: number, isRelease: boolean): MouseEvent["action"] {
  if (code >= 64) return (code & 1) === 0 ? "wheel-up" : "wheel-down";
  if ((code & 32) !== 0) return (code & 3) === 3 ? "move" : "drag";
  return isRelease ? "release" : "press";
}
