#!/usr/bin/env node
// Says what is missing on an old Node instead of failing on a syntax it does not know; otherwise one import.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `hubify-tui needs Node 22.19 or newer; this is ${process.versions.node}.\n` +
      "In a clone, `npm start` brings its own Node. Otherwise install one from https://nodejs.org.\n",
  );
  process.exitCode = 1;
} else {
  await import("../dist/main.js");
}
