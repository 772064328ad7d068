import { expect, test } from "vitest";
import { defaultLabDir, resolvePaths } from "../../src/config/paths.js";

test("XDG directories, with their defaults; a path that is not absolute does not count", () => {
  expect(resolvePaths({}, "/home/ada")).toEqual({
    configDir: "/home/ada/.config/hubify-tui",
    stateDir: "/home/ada/.local/state/hubify-tui",
    dataDir: "/home/ada/.local/share/hubify-tui",
    runDir: "/home/ada/.local/state/hubify-tui/run",
  });
  const env = {
    XDG_CONFIG_HOME: "/c",
    XDG_STATE_HOME: "relative",
    XDG_DATA_HOME: "/d",
    XDG_RUNTIME_DIR: "/run/user/1",
  };
  expect(resolvePaths(env, "/home/ada")).toEqual({
    configDir: "/c/hubify-tui",
    stateDir: "/home/ada/.local/state/hubify-tui",
    dataDir: "/d/hubify-tui",
    runDir: "/run/user/1/hubify-tui",
  });
});

test("HUBIFY_TUI_HOME moves every directory", () => {
  const paths = resolvePaths({ HUBIFY_TUI_HOME: "/x", XDG_CONFIG_HOME: "/c" }, "/home/ada");
  expect(paths).toEqual({ configDir: "/x/config", stateDir: "/x/state", dataDir: "/x/data", runDir: "/x/run" });
  expect(defaultLabDir(paths)).toBe("/x/data/lab");
});
