import { setImmediate as nextTurn } from "node:timers/promises";
import { commands } from "../../src/app/commands/index.js";
import { buildKeymap } from "../../src/app/keymap.js";
import { type CommandRunner, createCommandRunner } from "../../src/app/run-command.js";
import { type AppState, type AppStore, createAppStore } from "../../src/app/store.js";
import { systemClock } from "../../src/core/clock.js";
import { Compositor } from "../../src/terminal/compositor.js";
import { systemTimers } from "../../src/terminal/timers.js";
import { startPainter } from "../../src/ui/painter.js";
import { lookOf } from "../ui/room.js";
import { screenSize } from "./bench-terminal.js";

/** `CSI 5 n`, which a terminal answers. */
const query = "\x1b[5n";

/** The room without a terminal and without Ink: real store, commands, panes and compositor, and a sink that counts. */
export interface RoomInProcess {
  readonly store: AppStore;
  readonly runner: CommandRunner;
  readonly sent: { bytes: number; frames: number; lastAt: number };
  /** Resolves when everything that has been dispatched is drawn. */
  drawn(): Promise<void>;
}

export function openRoomInProcess(state: AppState): RoomInProcess {
  const sent = { bytes: 0, frames: 0, lastAt: 0 };
  const sink = {
    write(frame: string) {
      sent.bytes += Buffer.byteLength(frame);
      sent.frames++;
      sent.lastAt = performance.now();
      if (frame.endsWith(query)) queueMicrotask(() => screen.answered());
      return true;
    },
  };
  const screen = new Compositor({ size: screenSize, depth: "truecolor", sink, timers: systemTimers });
  const store = createAppStore(state);
  const built = buildKeymap(commands, { overrides: {}, readOnly: false });
  if (!built.ok) throw new Error(built.problems.join("; "));
  const host = {
    leave: () => undefined,
    retry: () => undefined,
    copy: () => true,
    edit: () => Promise.resolve(null),
    shell: () => Promise.resolve({ code: 0, lastError: "" }),
    sshFiles: () => ({ identity: null, knownHosts: null }),
    saveFile: () => Promise.resolve(""),
    saveBytes: () => Promise.resolve(""),
    suspend: () => undefined,
    redraw: () => undefined,
  };
  const runner = createCommandRunner({ store, keymap: built.keymap, connection: () => null, host, clock: systemClock });
  startPainter({ screen, store, keymap: built.keymap, look: lookOf("dark") });
  screen.resume({ forget: false });
  return { store, runner, sent, drawn: () => nextTurn() };
}
