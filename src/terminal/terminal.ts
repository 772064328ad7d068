import { type Background, backgroundFromEnv, backgroundOf, backgroundQuery } from "./background.js";
import { copySequence } from "./clipboard.js";
import { type ColourDepth, colourDepth } from "./colour-depth.js";
import { Compositor } from "./compositor.js";
import { type Host, processHost } from "./exit-guard.js";
import type { Size } from "./grid.js";
import type { InputEvent, KeyEvent, MouseEvent, PasteEvent } from "./input-event.js";
import { InputFilter } from "./input-filter.js";
import { InputQueue } from "./input-queue.js";
import type { TerminalParts } from "./terminal-parts.js";
import { TerminalSession } from "./terminal-session.js";
import { systemTimers, type Timers } from "./timers.js";

const interruptedStatus = 130;
const closedStatus = 129;
const backgroundPatienceMs = 1_000;

/** Opens the terminal: raw mode on, keys are kept from now on, nothing is drawn before `enter`. */
export function openTerminal(parts: TerminalParts): Terminal {
  return new Terminal(parts);
}

/** The one owner of the terminal: the only reader of stdin, the only writer of modes and frames. */
export class Terminal {
  /** What is drawn on. */
  readonly screen: Compositor;
  readonly colourDepth: ColourDepth;
  private readonly env: TerminalParts["env"];
  private readonly host: Host;
  private readonly timers: Timers;
  private readonly filter: InputFilter;
  private readonly queue = new InputQueue();
  private readonly session: TerminalSession;
  private readonly resizeListeners = new Set<(size: Size) => void>();
  private readonly closedListeners = new Set<() => void>();
  private readonly backgroundListeners = new Set<(background: Background) => void>();
  private wasShown = false;

  constructor(parts: TerminalParts) {
    this.env = parts.env;
    this.host = parts.host ?? processHost;
    this.timers = parts.timers ?? systemTimers;
    this.colourDepth = colourDepth(parts.env, parts.colourDepth);
    this.filter = new InputFilter(this.timers, (event) => this.handle(event));
    this.session = new TerminalSession(parts, {
      input: (bytes) => this.filter.push(bytes),
      resized: (size) => this.resized(size),
      shown: () => this.shown(),
      hidden: () => this.hidden(),
      drained: () => this.screen.drained(),
      closed: () => this.closed(),
    });
    this.screen = new Compositor({
      size: this.session.size,
      depth: this.colourDepth,
      sink: { write: (frame) => this.session.write(frame) },
      timers: this.timers,
    });
  }

  get size(): Size {
    return this.session.size;
  }

  /** Takes the screen and draws what has been set so far, in one write. */
  enter(): void {
    this.session.enter();
  }

  /** Gives everything back for good; may be called at any time, more than once. */
  leave(): void {
    this.session.leave();
  }

  /** Gives the terminal back and stops, as Ctrl-Z does; takes it again when continued. */
  suspend(): void {
    this.session.stop();
  }

  /** Lends the terminal to `run` (an editor, a shell), then takes it back and repaints. Rejects while it is not ours. */
  async lend<T>(run: () => Promise<T>): Promise<T> {
    // An answer of the terminal that is still on its way would be typed into the program.
    if (this.session.isShown) {
      this.screen.pause();
      await this.screen.allAnswered();
    }
    return this.session.lend(run);
  }

  /** Each key press; keys from before the first listener are kept for it. Returns the way to stop. */
  onKey(listener: (event: KeyEvent) => void): () => void {
    return this.queue.listen("key", listener);
  }

  /** Each paste, whole. */
  onPaste(listener: (event: PasteEvent) => void): () => void {
    return this.queue.listen("paste", listener);
  }

  /** Each mouse report, while the mouse is on. */
  onMouse(listener: (event: MouseEvent) => void): () => void {
    return this.queue.listen("mouse", listener);
  }

  /** Each new size, after the screen has taken it and before anything is drawn in it. */
  onResize(listener: (size: Size) => void): () => void {
    this.resizeListeners.add(listener);
    return () => this.resizeListeners.delete(listener);
  }

  /** The terminal is gone (window closed, line dropped): nothing can be drawn or read. Without a listener: exit 129. */
  onClosed(listener: () => void): () => void {
    this.closedListeners.add(listener);
    return () => this.closedListeners.delete(listener);
  }

  /** Sets the window title; the one from before comes back on leaving. */
  title(text: string): void {
    this.session.setTitle(text);
  }

  bell(): void {
    this.send("\x07");
  }

  /** Copies to the clipboard of the person's own terminal; false if the text is too long or the screen is not ours. */
  copy(text: string): boolean {
    const sequence = copySequence(text, this.env);
    return sequence !== null && this.send(sequence);
  }

  /** Sends a sequence that draws nothing (a notification, say) between two frames; false while the screen is not ours. */
  send(sequence: string): boolean {
    if (!this.session.isShown) return false;
    this.session.write(sequence);
    return true;
  }

  /** Turns mouse reports on or off. */
  setMouse(isOn: boolean): void {
    this.session.setMouse(isOn);
  }

  /** Dark or light ground: the terminal's own answer, else COLORFGBG, else null. Takes a second at most. */
  background(): Promise<Background | null> {
    const told = backgroundFromEnv(this.env);
    return new Promise((resolve) => {
      const end = (answer: Background | null) => {
        cancel();
        this.backgroundListeners.delete(end);
        resolve(answer);
      };
      const cancel = this.timers.after(backgroundPatienceMs, () => end(told));
      this.backgroundListeners.add(end);
      if (!this.send(backgroundQuery)) end(told);
    });
  }

  private handle(event: InputEvent): void {
    switch (event.type) {
      case "status":
        this.screen.answered();
        return;
      case "background":
        for (const listener of this.backgroundListeners) listener(backgroundOf(event.colour));
        return;
      case "attributes":
      case "focus":
        return;
      case "key":
        if (this.isOwnKey(event.name)) return;
        this.queue.push(event);
        return;
      case "paste":
      case "mouse":
        this.queue.push(event);
    }
  }

  /** Ctrl-Z always stops; Ctrl-C leaves while nobody else takes keys. */
  private isOwnKey(name: string): boolean {
    if (name === "ctrl-z") this.suspend();
    else if (name === "ctrl-c" && !this.queue.hasKeyListener) {
      this.leave();
      this.host.exit(interruptedStatus);
    } else return false;
    return true;
  }

  private resized(size: Size): void {
    this.screen.resize(size);
    for (const listener of this.resizeListeners) listener(size);
  }

  private shown(): void {
    // Only the first time is the screen known: taking it has made it blank.
    this.screen.resume({ forget: this.wasShown });
    this.wasShown = true;
  }

  private hidden(): void {
    this.screen.pause();
    this.filter.reset();
  }

  private closed(): void {
    if (this.closedListeners.size === 0) this.host.exit(closedStatus);
    for (const listener of this.closedListeners) listener();
  }
}
