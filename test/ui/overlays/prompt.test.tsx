import { cleanup } from "ink-testing-library";
import { afterEach, describe, expect, it } from "vitest";
import { createUiMemory } from "../../../src/ui/memory.js";
import { experiment, logLine, stateOf } from "../../app/fixtures.js";
import { played, type StageOptions } from "./stage.js";

afterEach(cleanup);

const busy = stateOf(
  {
    type: "experiments/received",
    rows: [experiment(54, { title: "Planck chain" }), experiment(55, { title: "DESI" })],
  },
  { type: "experiments/filtered", filter: "pla" },
  { type: "view/resized", columns: 100, rows: 24 },
);

function withLog(options: StageOptions = {}) {
  const person = played(busy, options);
  const { store } = person;
  store.dispatchAll([
    { type: "view/focused", pane: "log" },
    { type: "log/opened", experimentId: "x54" },
  ]);
  store.api.getState().log.buffer.append([logLine(1, "R-1 = 0.5"), logLine(2, "nothing"), logLine(3, "R-1 = 0.01")]);
  store.dispatch({ type: "log/appended" });
  return person;
}

describe("filter", () => {
  it("shows its effect while it is typed, and Enter keeps it", async () => {
    const person = played(busy);
    await person.runner.run("app.find");
    await person.sees("1 of 2");
    person.press("ctrl-u");
    await person.sees("2 of 2");
    person.press("desi");
    await person.until(() => person.state().experiments.filter === "desi");
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.state().experiments.filter).toBe("desi");
  });

  it("is put back by Esc", async () => {
    const person = played(busy);
    await person.runner.run("app.find");
    person.press("nck");
    await person.until(() => person.state().experiments.filter === "planck");
    person.press("esc");
    await person.until(() => person.top() === null);
    expect(person.state().experiments.filter).toBe("pla");
  });

  it("says what it does not understand", async () => {
    const person = played(busy);
    await person.runner.run("app.find");
    person.press("ctrl-u", "status:runing");
    await person.sees(/runing/);
    await person.until(() => !/\d of 2/.test(person.text()));
  });

  it("has earlier ones on the arrows", async () => {
    const memory = createUiMemory();
    memory.keep({ typed: { filter: ["status:running", "desi"] } });
    const person = played(busy, { memory });
    await person.runner.run("app.find");
    person.press("x", "up");
    await person.until(() => person.state().experiments.filter === "status:running");
    person.press("up", "up");
    await person.until(() => person.state().experiments.filter === "desi");
    person.press("down", "down");
    await person.until(() => person.state().experiments.filter === "plax");
  });
});

describe("search", () => {
  it("counts hits while typing; Enter keeps the search", async () => {
    const person = withLog();
    await person.runner.run("app.find");
    person.press("R-1");
    await person.sees("2 hits");
    person.press(" = 0.5");
    await person.sees("1 hit ");
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.state().log.search?.pattern).toBe("R-1 = 0.5");
  });

  it("searches a broken pattern as plain text and says so", async () => {
    const person = withLog();
    await person.runner.run("app.find");
    person.press("[");
    await person.sees("searched as plain text");
  });

  it("puts the search before back, with its place and `&`", async () => {
    const person = withLog();
    const before = { pattern: "nothing", only: true, problem: null, hits: 1, current: 1 };
    person.store.dispatch({ type: "log/searched", search: before });
    await person.runner.run("app.find");
    person.press("ctrl-u", "R-1");
    await person.until(() => person.state().log.search?.pattern === "R-1");
    person.press("esc");
    await person.until(() => person.top() === null);
    expect(person.state().log.search).toEqual(before);
  });

  it("takes a paste as text: its line break neither ends the prompt nor the pattern", async () => {
    const person = withLog();
    await person.runner.run("app.find");
    person.paste("R-1\n");
    await person.until(() => person.state().log.search?.pattern === "R-1 ");
    expect(person.top()).toBe("prompt");
  });
});

it("since stays open while its text is no time", async () => {
  const person = withLog();
  await person.runner.run("log.since");
  person.press("soon", "enter");
  await person.sees("no time: 15m, 2h or 03:10");
  expect(person.top()).toBe("prompt");
  person.press("ctrl-u", "15m", "enter");
  await person.until(() => person.top() === null);
  expect(person.state().log.sinceMs).toBe(15 * 60_000);
});
