import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Terminal } from "@xterm/headless";
import { freshHome, openRoom, type Room } from "../e2e/driver.js";
import { run, stopEverything } from "../e2e/lab.js";
import { screenSvg } from "./screen-svg.js";

// The README's picture: the built product in a pty with its samples running, drawn from what it wrote.
const { Terminal: HeadlessTerminal } = createRequire(import.meta.url)("@xterm/headless") as {
  Terminal: typeof Terminal;
};
const file = new URL("screenshot.svg", import.meta.url);
const size = { columns: 140, rows: 36 };

async function screenOf(room: Room): Promise<Terminal> {
  const terminal = new HeadlessTerminal({ cols: size.columns, rows: size.rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(room.raw(), resolve));
  return terminal;
}

/** Beside the samples, one of each other state there is. */
const others = [
  ["--title", "DESI Lyman-α only", "--template", "mcmc", "--priority", "low"],
  [
    "--title",
    "Emulator against the full code",
    "--config",
    '{"command":"echo emulator.npz is missing >&2; exit 2"}',
    "--priority",
    "critical",
  ],
  ["--title", "Posterior plots", "--config", '{"command":"true","dependsOn":["EXP-001"]}', "--priority", "low"],
];

const home = freshHome();
mkdirSync(`${home.dir}/config`);
writeFileSync(`${home.dir}/config/config.json`, '{"lab": {"costPerHourUsd": 0.42}}');
const room = openRoom({ home: home.dir, args: ["--sample", "--theme", "dark"], ...size });
try {
  await room.until(/EXP-003/, 60_000);
  for (const args of others) await run(home.dir, ["experiments", "create", ...args]);
  // The chain has come a good way down: the chart has a shape and the stop line is near.
  await room.until(
    (screen) => [/R-1 0\.0\d+ → 0\.010/, /✔ pass/, /✘ fail/].every((sign) => sign.test(screen)),
    300_000,
  );
  writeFileSync(file, screenSvg(await screenOf(room), "hubify-tui: queue, live log, pods and chain health of a lab"));
  process.stderr.write(`${file.pathname} is written\n`);
} finally {
  room.press("q");
  await room.exited;
  await stopEverything(home.dir);
  home.clear();
}
