import { cleanup } from "ink-testing-library";
import { afterEach, describe, expect, it } from "vitest";
import { createUiMemory } from "../../../src/ui/memory.js";
import { experiment, pod, stateOf } from "../../app/fixtures.js";
import { played } from "./stage.js";

afterEach(cleanup);

const busy = stateOf(
  {
    type: "experiments/received",
    rows: [
      experiment(54, { title: "Planck chain", status: "running" }),
      experiment(55, { title: "Fisher forecast" }),
      experiment(56, { title: "DESI lensing" }),
    ],
  },
  { type: "experiments/selected", id: "x54" },
  { type: "pods/received", rows: [pod("chain-a"), pod("sweep-1")] },
  { type: "view/resized", columns: 100, rows: 36 },
);

describe("help", () => {
  async function opened() {
    const person = played(busy);
    person.open({ kind: "help" });
    await person.sees("type what you want to do");
    return person;
  }

  it("finds by typing and runs the chosen command", async () => {
    const person = await opened();
    person.press("zoom");
    await person.sees(/▸ z +Zoom/);
    person.press("enter");
    await person.until(() => person.state().view.zoomed);
    expect(person.top()).toBeNull();
  });

  it("asks what the command would ask", async () => {
    const person = await opened();
    person.press("stop or can", "enter");
    await person.sees("Stop EXP-054 Planck chain?");
    expect(person.fake.named("cancel")).toEqual([]);
  });

  it("does not run what can't run now, and says why", async () => {
    const person = await opened();
    person.press("unblock", "enter");
    await person.sees("Not now: EXP-054 does not wait to be queued");
    expect(person.top()).toBe("help");
    expect(person.fake.named("patch")).toEqual([]);
  });

  it("goes through the list with the arrows", async () => {
    const person = await opened();
    await person.sees(/▸ ⏎ +Open the log/);
    person.press("down", "down");
    await person.sees(/▸ Space +Mark/);
    person.press("up", "enter");
    await person.until(() => person.top() === "experiment");
  });

  it("says when nothing matches, and Enter then does nothing", async () => {
    const person = await opened();
    person.press("xqzw", "enter");
    await person.sees("Nothing matches xqzw");
    expect(person.top()).toBe("help");
    person.press("esc");
    await person.until(() => person.top() === null);
  });

  it("takes letters that are keys elsewhere as text", async () => {
    const person = await opened();
    person.press("q", "x", "1");
    await person.sees("> qx1");
    expect(person.hostCalls).toEqual([]);
  });
});

describe("palette", () => {
  async function opened(memory = createUiMemory()) {
    const person = played(busy, { memory });
    person.open({ kind: "palette" });
    await person.sees("action, experiment, pod or pane");
    return person;
  }

  it("goes to an experiment, and takes a filter away that hides it", async () => {
    const person = await opened();
    person.store.dispatch({ type: "experiments/filtered", filter: "planck" });
    person.press("desi");
    await person.sees(/▸ experiment +EXP-056 DESI lensing/);
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.state().experiments).toMatchObject({ selectedId: "x56", filter: "" });
    expect(person.state().view.focus).toBe("queue");
  });

  it("goes to a pod", async () => {
    const person = await opened();
    person.press("sweep-1", "enter");
    await person.until(() => person.top() === null);
    expect(person.state().pods.selectedId).toBe("p-sweep-1");
    expect(person.state().view.focus).toBe("pods");
  });

  it("goes to a pane", async () => {
    const person = await opened();
    person.press("pods pane", "enter");
    await person.until(() => person.state().view.focus === "pods");
  });

  it("runs an action by name: connect", async () => {
    const person = await opened();
    person.press("connect");
    person.press("enter");
    await person.sees("not in this version yet");
    expect(person.top()).toBe("connect");
  });

  it("has on top what was used last", async () => {
    const memory = createUiMemory();
    const person = await opened(memory);
    person.press("sweep-1", "enter");
    await person.until(() => person.top() === null);
    person.open({ kind: "palette" });
    await person.sees(/▸ pod +sweep-1/);
  });

  it("takes a paste as text and drops its line break", async () => {
    const person = await opened();
    person.paste("sweep-1\r");
    await person.sees("> sweep-1");
    expect(person.top()).toBe("palette");
  });
});

describe("alerts", () => {
  const raised = stateOf(
    { type: "experiments/received", rows: [experiment(54, { status: "fail" })] },
    { type: "pods/received", rows: [pod("chain-a")] },
    {
      type: "alerts/derived",
      at: 0,
      open: [
        { key: "idle", severity: "warning", text: "chain-a is idle", target: "p-chain-a" },
        { key: "fail", severity: "critical", text: "EXP-054 failed", target: "x54" },
      ],
    },
  );

  it("shows the worst first, acknowledges, and goes to the target", async () => {
    const person = played(raised);
    person.open({ kind: "alerts" });
    await person.sees(/▸ critical +EXP-054 failed/);
    person.press("a");
    await person.sees("1 open, 1 acknowledged");
    await person.sees(/▸ warning +chain-a is idle/);
    expect(person.state().alerts.open.find((alert) => alert.key === "fail")?.acknowledged).toBe(true);
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.state().pods.selectedId).toBe("p-chain-a");
  });
});
