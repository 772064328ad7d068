#!/usr/bin/env node
// Says what is missing on an old Node instead of failing on a syntax it does not know; otherwise one import. Compiled code
// is kept between starts, which halves the time to the first frame; in a directory of the person's own, since whoever can
// write there can run code here.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `hubify-tui needs Node 22.19 or newer; this is ${process.versions.node}.\n` +
      "In a clone, `npm start` brings its own Node. Otherwise install one from https://nodejs.org.\n",
  );
  process.exitCode = 1;
} else {
  const { HUBIFY_TUI_HOME, XDG_CACHE_HOME, HOME } = process.env;
  const cacheDir =
    HUBIFY_TUI_HOME || (XDG_CACHE_HOME ? `${XDG_CACHE_HOME}/hubify-tui` : HOME && `${HOME}/.cache/hubify-tui`);
  if (cacheDir) process.getBuiltinModule("node:module").enableCompileCache(`${cacheDir}/compiled`);
  await import("../dist/main.js");
}
