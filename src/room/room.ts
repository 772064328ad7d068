import { join } from "node:path";
import { commands } from "../app/commands/index.js";
import { attach } from "../app/effects/attach.js";
import { startEffects } from "../app/effects/index.js";
import { buildKeymap, type Keymap } from "../app/keymap.js";
import { createLogRing } from "../app/log-ring.js";
import { type CommandRunner, createCommandRunner } from "../app/run-command.js";
import { restoredState } from "../app/snapshot.js";
import { type AppStore, createAppStore } from "../app/store.js";
import type { RoomOptions } from "../cli/room-options.js";
import type { Config } from "../config/config.js";
import { loadConfig } from "../config/load-config.js";
import type { Paths } from "../config/paths.js";
import type { Connection } from "../contract/connection.js";
import { checksum } from "../core/checksum.js";
import { systemClock } from "../core/clock.js";
import { FailureError, toFailure } from "../core/failure.js";
import type { Background } from "../terminal/background.js";
import { openTerminal, type Terminal } from "../terminal/terminal.js";
import { systemTimers } from "../terminal/timers.js";
import { chooseTheme, type Theme } from "../theme/theme.js";
import type { KeyQueue } from "../ui/key-queue.js";
import { createUiMemory } from "../ui/memory.js";
import { startPainter } from "../ui/painter.js";
import type { Look } from "../ui/panes/pane.js";
import { createHost } from "./host.js";
import { routeInput } from "./input.js";
import { type Attachment, keepAttached } from "./keep-attached.js";
import { keepLastView, readLastView } from "./last-view.js";
import { lookOf } from "./look.js";
import { sampleOnce } from "./samples.js";
import { readTheme } from "./themes.js";
import { roomTitle } from "./title.js";
import { trimMemory } from "./trim-memory.js";

export interface RoomParts {
  readonly options: RoomOptions;
  readonly paths: Paths;
  /** Data directory of the lab on this machine. */
  readonly labDir: string;
  /** Names this build of the program. */
  readonly build: string;
  readonly connect: () => Promise<Connection>;
}

/**
 * Opens the control room on this terminal and resolves when the person leaves. The last known state is painted before
 * anything else is loaded; Ink and the connection come after the first frame. Rejects before touching the terminal when the
 * config is bad.
 */
export async function openRoom(parts: RoomParts): Promise<void> {
  const setting = await prepare(parts);
  const { store, keymap, terminal, undressed } = setting;
  const painter = startPainter({ screen: terminal.screen, store, keymap, look: undressed.look });
  terminal.enter();

  const view = keepLastView({ file: setting.viewFile, build: parts.build, store });
  process.once("exit", () => view.save());
  const left = Promise.withResolvers<undefined>();
  const host = createHost(terminal, {
    labDir: parts.labDir,
    leave: () => left.resolve(undefined),
    retry: () => attachment.retryNow(),
  });
  const effects = { store, timers: systemTimers, clock: systemClock };
  const attachment: Attachment = keepAttached({
    store,
    connect: parts.connect,
    onAttached: (connection) => {
      attach(connection, effects);
      if (parts.options.sample === true) void sampleThere(connection, join(parts.labDir, "sampled"), store);
    },
  });
  const runner = createCommandRunner({ store, keymap, connection: attachment.connection, host, clock: systemClock });
  const ink = loadInk(setting, runner, routeInput({ terminal, store, runner }));
  startEffects(effects);
  trimMemory({ timers: systemTimers, nowMs: systemClock.now, onKey: (listener) => terminal.onKey(listener) });
  keepTitle(terminal, store);
  terminal.onResize(({ columns, rows }) => store.dispatch({ type: "view/resized", columns, rows }));
  void terminal.background().then(async (background) => {
    const dress = await setting.dress(background);
    painter.setLook(dress.look);
    void ink.then((mounted) => mounted.dress(dress));
  });

  await Promise.race([left.promise, ink.then((mounted) => mounted.died)]);
  view.save();
  terminal.leave();
  await attachment.close();
}

interface Dress {
  readonly theme: Theme;
  readonly look: Look;
}

interface Setting {
  readonly store: AppStore;
  readonly keymap: Keymap;
  readonly terminal: Terminal;
  readonly viewFile: string;
  /** Before anything is known of the terminal's background. */
  readonly undressed: Dress;
  /** Theme and look for what the terminal says of its background. */
  dress(background: Background | null): Promise<Dress>;
}

/** Everything that can be wrong with config, theme or keys comes out here, before the terminal is taken. */
async function prepare({ options, paths, labDir, build }: RoomParts): Promise<Setting> {
  const config = withFlags(await loadConfig(join(paths.configDir, "config.json")), options);
  const built = buildKeymap(commands, { overrides: config.keys, readOnly: config.readOnly });
  if (!built.ok) {
    throw new FailureError({
      kind: "invalid",
      message: built.problems.join("; "),
      hint: `mend ${paths.configDir}/config.json`,
    });
  }
  const ownThemes = join(paths.configDir, "themes");
  if (config.theme !== "auto") await readTheme(config.theme, ownThemes);

  // One memory per lab: views of different labs have nothing to do with each other.
  const viewFile = join(paths.stateDir, `view-${checksum(labDir)}.json`);
  const restored = restoredState(createLogRing(), await readLastView(viewFile, build));
  const { stdin, stdout, env } = process;
  const terminal = openTerminal({ stdin, stdout, env });
  const store = createAppStore({
    ...restored,
    link: { ...restored.link, readOnly: config.readOnly },
    view: {
      ...restored.view,
      ...terminal.size,
      // RunPod alone has nothing else to show.
      ...(options.runpod === true ? { focus: "pods" } : {}),
      nowMs: Date.now(),
    },
  });
  const dress = async (background: Background | null) => {
    const depth = terminal.colourDepth;
    const theme = await readTheme(chooseTheme({ config: config.theme, background, depth }), ownThemes);
    return { theme, look: lookOf(theme, config.charts, env) };
  };
  return { store, keymap: built.keymap, terminal, viewFile, undressed: await dress(null), dress };
}

function withFlags(config: Config, options: RoomOptions): Config {
  return {
    ...config,
    theme: options.theme ?? config.theme,
    charts: options.charts ?? config.charts,
    readOnly: options.readonly ?? config.readOnly,
  };
}

interface MountedInk {
  dress(dress: Dress): void;
  /** Rejects with the error if the tree dies of one. */
  readonly died: Promise<unknown>;
}

/** Loads Ink after the first frame. */
async function loadInk(setting: Setting, runner: CommandRunner, keys: KeyQueue): Promise<MountedInk> {
  const { inkNode, mountInk } = await import("../ui/start-ink.js");
  const { store, terminal } = setting;
  const memory = createUiMemory();
  const nodeFor = (dress: Dress) => inkNode({ store, runner, memory, keys, ...dress });
  const host = mountInk(terminal, nodeFor(setting.undressed));
  return { dress: (dress) => host.rerender(nodeFor(dress)), died: host.exited };
}

function keepTitle(terminal: Terminal, store: AppStore): void {
  terminal.title(roomTitle(store.api.getState()));
  store.api.subscribe((state) => terminal.title(roomTitle(state)));
}

async function sampleThere(connection: Connection, markFile: string, store: AppStore): Promise<void> {
  try {
    await sampleOnce(connection, markFile);
  } catch (error) {
    const text = `The samples could not be queued: ${toFailure(error).message}`;
    store.dispatch({ type: "notice/shown", tone: "bad", text, at: Date.now() });
  }
}
