import { describe, expect, it } from "vitest";
import { commands } from "../../src/app/commands/index.js";
import { routeKey } from "../../src/app/key-input.js";
import { keyLabel, normaliseKey } from "../../src/app/key-name.js";
import { footerCommands, helpTable, keysMarkdown } from "../../src/app/key-table.js";
import { buildKeymap, commandForKey } from "../../src/app/keymap.js";
import type { AppEvent, AppState } from "../../src/app/store.js";
import { experiment, keymapOf, liveLink, lostLink, pod, stateOf } from "./fixtures.js";

const rows = [experiment(1, { status: "running" }), experiment(2, { status: "fail" })];
const selected = (id: string): AppEvent[] => [
  { type: "experiments/received", rows },
  { type: "experiments/selected", id },
];

function meaning(state: AppState, key: string, keymap = keymapOf()): string {
  const found = commandForKey(state, key, keymap);
  return found.kind === "run"
    ? found.command.id
    : found.kind === "refused"
      ? `${found.command.id}: ${found.reason}`
      : "–";
}

describe("keymap", () => {
  it("has no key twice in a scope, no id twice, and words for everything", () => {
    expect(buildKeymap(commands)).toMatchObject({ ok: true });
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
    for (const command of commands) {
      expect(command.about).toMatch(/^.{8,}\.$/);
      expect(command.keys).toEqual(command.keys.map(normaliseKey));
    }
  });

  it("puts nothing that changes anything on Enter or a control key", () => {
    const risky = commands.filter(
      ({ changes, keys }) => changes === true && keys.some((key) => key === "enter" || key.startsWith("ctrl-")),
    );
    // In an empty lab, which is all it works in, there is nothing to do harm to.
    expect(risky.map(({ id }) => id)).toEqual(["experiment.samples"]);
  });

  it("refuses the same key twice in a scope, naming both", () => {
    const built = buildKeymap(commands, { overrides: { "experiment.cancel": "n" } });
    expect(built).toEqual({
      ok: false,
      problems: ['keys: n is both "experiment.new" and "experiment.cancel" (queue)'],
    });
  });

  it("refuses a binding for what does not exist, and says what may be meant", () => {
    const built = buildKeymap(commands, { overrides: { "experiments.cancel": ["K"], nonsense: "q" } });
    expect(built).toEqual({
      ok: false,
      problems: [
        'keys: there is no action "experiments.cancel"; did you mean "experiment.cancel"?',
        'keys: there is no action "nonsense"',
      ],
    });
  });

  it("takes other keys, however they are written, and unbinds with an empty list", () => {
    const keymap = keymapOf({ overrides: { "app.redraw": "Ctrl+R", "app.zoom": [], "queue.open": ["Return", "C-o"] } });
    const state = stateOf(...selected("x1"));
    expect(["ctrl-r", "ctrl-l", "z", "enter", "ctrl-o"].map((key) => meaning(state, key, keymap))).toEqual([
      "app.redraw",
      "–",
      "–",
      "queue.open",
      "queue.open",
    ]);
  });

  it("looks in the focused pane, then in lists, then everywhere, for what can run", () => {
    const state = stateOf(...selected("x2"));
    expect(["r", "s", "j", "?", "K"].map((key) => meaning(state, key))).toEqual([
      "experiment.restart",
      "list.sort",
      "list.down",
      "app.help",
      "–",
    ]);
    const podsFocused = stateOf(
      { type: "pods/received", rows: [pod("a")] },
      { type: "pods/selected", id: "p-a" },
      { type: "view/focused", pane: "pods" },
    );
    expect(meaning(podsFocused, "s")).toBe("pods.start: a is running");
    expect(meaning(stateOf({ type: "view/focused", pane: "log" }), "S")).toBe("log.save: no log is open");
  });

  it("gives Enter to the samples in an empty lab", () => {
    expect(meaning(stateOf({ type: "experiments/received", rows: [] }), "enter")).toBe("experiment.samples");
    expect(meaning(stateOf(...selected("x1")), "enter")).toBe("queue.open");
    expect(meaning(stateOf(), "enter")).toBe("queue.open: select an experiment");
  });

  it("gives r to the lost link, and back to the queue", () => {
    const lost = stateOf(...selected("x2"), { type: "link/changed", link: lostLink });
    expect(meaning(lost, "r")).toBe("link.retry");
    expect(meaning(lost, "x")).toBe("experiment.cancel: link lost");
    const state = stateOf(...selected("x1"), { type: "link/changed", link: liveLink });
    expect(meaning(state, "r")).toBe("experiment.restart: EXP-001 has not ended");
  });

  it("binds nothing that changes anything when read-only", () => {
    const keymap = keymapOf({ readOnly: true });
    expect(keymap.commands.some(({ changes }) => changes === true)).toBe(false);
    expect(["x", "n", "D", "p"].map((key) => meaning(stateOf(...selected("x1")), key, keymap))).toEqual([
      "–",
      "–",
      "–",
      "–",
    ]);
  });

  it("says why a connection does not offer something", () => {
    const missing = { "experiments.cancel": "Hubify has no cancel route yet" };
    const { label, lab } = stateOf().link;
    if (lab === null) throw new Error("no lab");
    const state = stateOf(...selected("x1"), { type: "link/attached", label, lab, missing });
    expect(meaning(state, "x")).toBe("experiment.cancel: Hubify has no cancel route yet");
  });
});

describe("where a key goes", () => {
  const keymap = keymapOf();
  const open = stateOf(...selected("x1"), { type: "view/overlayOpened", overlay: { kind: "palette" } });

  it("is the keymap while nothing is open", () => {
    expect(routeKey(stateOf(...selected("x1")), "q", keymap)).toMatchObject({
      kind: "run",
      command: { id: "app.leave" },
    });
  });

  it("is the overlay on top for every key, Esc and typed letters included", () => {
    for (const key of ["q", "x", "esc", "enter", "j", "ctrl-c"])
      expect(routeKey(open, key, keymap)).toEqual({ kind: "overlay" });
  });

  it("is still the terminal for redraw", () => {
    expect(routeKey(open, "ctrl-l", keymap)).toMatchObject({ kind: "run", command: { id: "app.redraw" } });
  });
});

describe("tables made from the commands", () => {
  const keymap = keymapOf();
  const footer = (state: AppState) =>
    footerCommands(state, keymap).map(
      ({ key, label, reason }) => `${key} ${label}${reason === null ? "" : ` (${reason})`}`,
    );

  it("has a footer for where one is, with the reason of what can't be done", () => {
    expect(footer(stateOf(...selected("x2")))).toEqual([
      "⏎ log",
      "o details",
      "n new",
      "p priority (EXP-002 is not waiting)",
      "x stop (EXP-002 has ended)",
      "d deploy (EXP-002 is not queued)",
      "s sort",
      "/ find",
      "z zoom",
      "A alerts",
      ": command",
      "? help",
    ]);
  });

  it("offers to retry when the link is lost", () => {
    const state = stateOf(...selected("x2"), { type: "link/changed", link: lostLink });
    expect(footer(state)).toContain("r retry now");
    expect(footer(stateOf(...selected("x2")))).not.toContain("r retry now");
  });

  it("has help with every command once, the focused pane's first", () => {
    const table = helpTable(stateOf({ type: "view/focused", pane: "pods" }), keymap);
    expect(table[0]?.title).toBe("Pods");
    expect(table.flatMap(({ rows: help }) => help)).toHaveLength(commands.length);
  });

  it("has Markdown for the README", () => {
    const markdown = keysMarkdown(commands);
    expect(markdown).toContain("### Queue\n\n| key | action | |\n|---|---|---|\n| `⏎` | Open the log |");
    expect(markdown.match(/^\| [`]/gm)).toHaveLength(commands.length);
  });

  it("writes keys as people do", () => {
    expect(["ctrl-l", "enter", "S", "shift-tab"].map((key) => keyLabel(key))).toEqual(["Ctrl-l", "⏎", "S", "⇧Tab"]);
    expect(["enter", "up", "pgup"].map((key) => keyLabel(key, false))).toEqual(["Enter", "Up", "PgUp"]);
  });
});
