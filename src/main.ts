import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { exitCodeOf, exitCodes } from "./cli/exit-code.js";
import { type RoomOptions, readRoomOptions } from "./cli/room-options.js";
import { defaultLabDir, resolvePaths } from "./config/paths.js";
import { FailureError, toFailure } from "./core/failure.js";
import { connectTo, connectToRunpod, wantsRunpod } from "./lab-control.js";

const paths = resolvePaths(process.env, homedir());

/** Shows the control room until the person leaves it. */
async function showRoom(options: RoomOptions): Promise<never> {
  const isRunpod = await wantsRunpod(options, paths.configDir);
  // A view of its own, and no lab's key: RunPod alone has neither.
  const ownDir = isRunpod ? join(paths.dataDir, "runpod") : defaultLabDir(paths);
  const labDir = options.data === undefined ? ownDir : resolve(options.data);
  const { openRoom } = await import("./room/room.js");
  await openRoom({
    options,
    paths,
    labDir,
    build: HUBIFY_TUI_BUILD,
    connect: () =>
      isRunpod ? connectToRunpod(paths.configDir) : connectTo(labDir, { isLive: true, lab: options.lab }),
  });
  // What may still be open (sockets, timers) belongs to a room that is gone.
  process.exit(exitCodes.ok);
}

/** Asked for the room alone: to look at stdin costs every other command 10 ms. */
const hasTerminal = () => process.stdin.isTTY && process.stdout.isTTY && process.env["TERM"] !== "dumb";

async function run(): Promise<number> {
  try {
    const room = readRoomOptions(process.argv.slice(2));
    if (room !== null && hasTerminal()) return await showRoom(room);
    const { runCommandLine } = await import("./command-line.js");
    return await runCommandLine({ paths, version: HUBIFY_TUI_VERSION });
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { kind, message, hint } = toFailure(error);
    process.stderr.write(`hubify-tui: ${message}${hint === undefined ? "" : `\n  ${hint}`}\n`);
    return exitCodeOf(kind);
  }
}

process.exitCode = await run();
