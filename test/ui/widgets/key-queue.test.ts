import { describe, expect, it } from "vitest";
import type { Overlay } from "../../../src/app/slices/view.js";
import { createKeyQueue, type OverlayInput } from "../../../src/ui/key-queue.js";

const key = (name: string): OverlayInput => ({ type: "key", name, text: "" });

function setting({ isDrawn = true } = {}) {
  const stack: Overlay[] = [];
  const drawn: (() => void)[] = [];
  const heard: string[] = [];
  const nameOf = (input: OverlayInput) => (input.type === "key" ? input.name : "paste");
  const queue = createKeyQueue({
    top: () => stack.at(-1),
    unclaimed(input) {
      heard.push(`room ${nameOf(input)}`);
      if (nameOf(input) === "?") stack.push({ kind: "help" });
    },
  });
  if (isDrawn) queue.drawnBy((next) => drawn.push(next));
  const listen = (overlay: Overlay, also: (name: string) => void = () => undefined) =>
    queue.listen(overlay, (input) => {
      heard.push(`${overlay.kind} ${nameOf(input)}`);
      also(nameOf(input));
    });
  return { stack, drawn, heard, queue, listen };
}

describe("keys for overlays", () => {
  it("come one at a time, each after the one before has been drawn", () => {
    const { stack, drawn, heard, queue, listen } = setting();
    const help: Overlay = { kind: "help" };
    stack.push(help);
    listen(help);
    queue.push(key("a"));
    queue.push(key("b"));
    expect(heard).toEqual(["help a"]);
    drawn.shift()?.();
    expect(heard).toEqual(["help a", "help b"]);
  });

  it("wait for an overlay that is open but not drawn yet", () => {
    const { stack, heard, queue, listen } = setting();
    const help: Overlay = { kind: "help" };
    stack.push(help);
    queue.push(key("a"));
    expect(heard).toEqual([]);
    listen(help);
    expect(heard).toEqual(["help a"]);
  });

  it("go to the room when nothing is open, at once and in order with those for overlays", () => {
    const { stack, drawn, heard, queue, listen } = setting();
    queue.push(key("j"));
    expect(heard).toEqual(["room j"]);
    const confirm: Overlay = { kind: "confirm", commandId: "x", question: "?", effect: "" };
    stack.push(confirm);
    for (const name of ["y", "k", "?", "a"]) queue.push(key(name));
    listen(confirm, () => stack.pop());
    expect(heard.slice(1)).toEqual(["confirm y"]);
    drawn.shift()?.();
    expect(heard.slice(2)).toEqual(["room k", "room ?"]);
    const [help] = stack;
    if (help !== undefined) listen(help);
    expect(heard.slice(4)).toEqual(["help a"]);
  });

  it("wait until it is known when something is drawn: a listener that came first has seen nothing yet", () => {
    const { stack, drawn, heard, queue, listen } = setting({ isDrawn: false });
    const help: Overlay = { kind: "help" };
    stack.push(help);
    queue.push(key("a"));
    queue.push(key("b"));
    listen(help);
    expect(heard).toEqual([]);
    queue.drawnBy((next) => drawn.push(next));
    expect(heard).toEqual(["help a"]);
  });

  it("go on to an overlay that the one before has opened", () => {
    const { stack, drawn, heard, queue, listen } = setting();
    const help: Overlay = { kind: "help" };
    const alerts: Overlay = { kind: "alerts" };
    stack.push(help);
    listen(help, () => stack.push(alerts));
    queue.push(key("enter"));
    queue.push(key("a"));
    drawn.shift()?.();
    expect(heard).toEqual(["help enter"]);
    listen(alerts);
    expect(heard).toEqual(["help enter", "alerts a"]);
  });

  it("a listener that has gone hears nothing", () => {
    const { stack, heard, queue, listen } = setting();
    const help: Overlay = { kind: "help" };
    stack.push(help);
    listen(help)();
    queue.push(key("a"));
    expect(heard).toEqual([]);
  });
});
