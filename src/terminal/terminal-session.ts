import { crashText, guardExits, type Host, processHost } from "./exit-guard.js";
import type { Size } from "./grid.js";
import {
  enterSequence,
  firstTitleSequence,
  leaveSequence,
  mouseOff,
  mouseOn,
  titleSequence,
} from "./terminal-modes.js";
import type { TerminalInput, TerminalOutput, TerminalParts } from "./terminal-parts.js";
import { systemTimers, type Timers } from "./timers.js";
import { writeAllSync } from "./write-sync.js";

/** Without a job-control shell the stop never comes: then go on after this long. */
const stopGraceMs = 100;

/**
 * `open`: raw, input is read, nothing drawn yet; `shown`: the screen is ours; `stopped` and `lent`: it is the shell's or
 * a child's for now; `left`: everything given back for good; `closed`: the terminal is gone.
 */
type SessionState = "open" | "shown" | "stopped" | "lent" | "left" | "closed";

/** Node types each event of each stream on its own; here they are names. */
type Emitter = Pick<Host, "on" | "off">;

/** What the session tells its owner. */
export interface SessionEvents {
  input(bytes: Uint8Array): void;
  /** The size changed; called before anything is drawn in it. */
  resized(size: Size): void;
  /** The screen is ours and blank: draw. What is written during the call goes out with the modes. */
  shown(): void;
  /** The screen is no longer ours: draw nothing. */
  hidden(): void;
  drained(): void;
  closed(): void;
}

/** Whose the terminal is, from opening to leaving: modes, raw input, job control, exits. */
export class TerminalSession {
  size: Size;
  private readonly stdin: TerminalInput;
  private readonly stdout: TerminalOutput;
  private readonly host: Host;
  private readonly timers: Timers;
  private readonly events: SessionEvents;
  private readonly writeNow: (text: string) => boolean;
  private readonly hooks: readonly [unknown, string, (...args: never[]) => void][];
  private readonly unguard: () => void;
  private state: SessionState = "open";
  private mouse: boolean;
  private title: string | null = null;
  /** What is written while the screen is being entered goes out with the modes. */
  private entering: string | null = null;

  constructor(parts: TerminalParts, events: SessionEvents) {
    this.stdin = parts.stdin;
    this.stdout = parts.stdout;
    this.host = parts.host ?? processHost;
    this.timers = parts.timers ?? systemTimers;
    this.events = events;
    this.mouse = parts.mouse ?? false;
    this.writeNow = parts.writeNow ?? ((text) => writeAllSync(parts.stdout.fd, text));
    this.size = sizeOf(this.stdout);
    const closed = () => this.close();
    this.hooks = [
      [this.stdin, "data", (bytes: Uint8Array) => events.input(bytes)],
      [this.stdin, "end", closed],
      [this.stdin, "error", closed],
      [this.stdout, "error", closed],
      [this.stdout, "resize", () => this.readSize()],
      [this.stdout, "drain", () => events.drained()],
      [this.host, "SIGTSTP", this.stop],
    ];
    this.unguard = guardExits(this.host, {
      leave: () => this.leave(),
      isLent: () => this.state === "lent",
      printCrash: parts.printCrash ?? ((error) => void writeAllSync(2, crashText(error))),
    });
    for (const [emitter, event, hook] of this.hooks) (emitter as Emitter).on(event, hook);
    this.takeInput();
  }

  get isShown(): boolean {
    return this.state === "shown";
  }

  /** Takes the screen; modes and first frame are one write. */
  enter(): void {
    if (this.state === "open") this.show();
  }

  /** Gives everything back for good; may be called at any time, more than once. */
  leave(): void {
    if (this.state === "left" || this.state === "closed") return;
    if (this.state === "shown") this.hide("left");
    else if (this.state === "open") this.releaseInput();
    this.state = "left";
    this.unhook();
  }

  /** Stops the process group, as Ctrl-Z does; the screen is taken again when it goes on. */
  readonly stop = (): void => {
    if (this.state !== "shown") return;
    this.hide("stopped");
    this.host.off("SIGTSTP", this.stop);
    const resume = () => {
      cancel();
      this.host.off("SIGCONT", resume);
      if (this.state !== "stopped") return;
      this.host.on("SIGTSTP", this.stop);
      this.show();
    };
    this.host.on("SIGCONT", resume);
    const cancel = this.timers.hold(stopGraceMs, resume);
    // The whole group: a wrapper (npx, sh -c) would otherwise go on waiting and the shell never get its prompt.
    this.host.kill(0, "SIGTSTP");
  };

  /** Gives the terminal to `run`, then takes it back and repaints. */
  async lend<T>(run: () => Promise<T>): Promise<T> {
    if (this.state !== "shown") throw new Error(`a terminal that is ${this.state} can't be lent`);
    this.hide("lent");
    // Ctrl-\ is the child's, like Ctrl-C; Ctrl-Z stops us together with it.
    const ignore = () => undefined;
    this.host.on("SIGQUIT", ignore);
    this.host.off("SIGTSTP", this.stop);
    try {
      return await run();
    } finally {
      this.host.off("SIGQUIT", ignore);
      this.takeBack();
    }
  }

  /** Sends a frame or sequence; false: wait for `drained`. Nothing is sent while the screen is not ours. */
  write(text: string): boolean {
    if (this.state !== "shown") return true;
    if (this.entering === null) return this.stdout.write(text);
    this.entering += text;
    return true;
  }

  setTitle(title: string): void {
    if (title === this.title) return;
    this.write(this.title === null ? firstTitleSequence(title) : titleSequence(title));
    this.title = title;
  }

  setMouse(isOn: boolean): void {
    if (isOn === this.mouse) return;
    this.mouse = isOn;
    this.write(isOn ? mouseOn : mouseOff);
  }

  private show(): void {
    this.takeInput();
    this.readSize();
    this.state = "shown";
    this.entering = enterSequence({ mouse: this.mouse, title: this.title });
    this.events.shown();
    const text = this.entering;
    this.entering = null;
    if (!this.writeNow(text)) this.close();
  }

  private hide(next: "stopped" | "lent" | "left"): void {
    this.events.hidden();
    this.state = next;
    const isThere = this.writeNow(leaveSequence({ mouse: this.mouse, title: this.title }));
    this.releaseInput();
    if (!isThere && next !== "left") this.close();
  }

  private takeBack(): void {
    if (this.state !== "lent") return;
    this.host.on("SIGTSTP", this.stop);
    this.show();
  }

  private takeInput(): void {
    this.stdin.setRawMode(true);
    this.stdin.resume();
  }

  private releaseInput(): void {
    try {
      this.stdin.setRawMode(false);
    } catch {
      // A terminal that is gone has no modes to restore.
    }
    this.stdin.pause();
  }

  private readSize(): void {
    const size = sizeOf(this.stdout);
    if (size.columns === this.size.columns && size.rows === this.size.rows) return;
    this.size = size;
    this.events.resized(size);
  }

  /** The terminal is gone: say nothing to it any more. */
  private close(): void {
    if (this.state === "closed" || this.state === "left") return;
    this.events.hidden();
    this.state = "closed";
    this.releaseInput();
    this.unhook();
    this.events.closed();
  }

  private unhook(): void {
    for (const [emitter, event, hook] of this.hooks) (emitter as Emitter).off(event, hook);
    // Writes still on their way may fail after the terminal is gone; nobody is left to be told.
    this.stdout.on("error", () => undefined);
    this.unguard();
  }
}

/** The size now, asked from the terminal itself where possible: after a stop no event tells of a change. */
function sizeOf(stdout: TerminalOutput): Size {
  let { columns, rows } = stdout;
  try {
    [columns, rows] = stdout.getWindowSize();
  } catch {
    // Not a terminal (any more): what was known last.
  }
  return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
}
