import { Box, type DOMElement, Text, useStdout } from "ink";
import { render } from "ink-testing-library";
import { useLayoutEffect, useRef } from "react";
import { describe, expect, test, vi } from "vitest";
import { mountInk } from "../../src/ui/ink-host.js";
import { Surface, useTextCursor } from "../../src/ui/surface.js";
import { InkStage, settle } from "./ink-stage.js";

const rows = ["\x1b[32mone\x1b[39m", "", "three is longer than the pane"];

function Pane() {
  return (
    <Box flexDirection="column" width={20} height={5}>
      <Box borderStyle="round" width={12} height={5}>
        <Surface slot={1} width={10} height={3} rows={rows} />
      </Box>
    </Box>
  );
}

describe("Surface", () => {
  test("by compositor and by plain Ink: the same text", async () => {
    const stage = new InkStage({ columns: 20, rows: 5 });
    stage.screen.surface(1).setRows(rows);
    const ink = mountInk(stage, <Pane />);
    await settle();
    const plain = render(<Pane />);
    const plainScreen = new InkStage({ columns: 20, rows: 5 });
    plainScreen.screen.setBase((plain.lastFrame() ?? "").split("\n"));
    plainScreen.screen.composeNow();
    const painted = stage.emulator.text();
    expect(painted[1]).toBe("│one       │");
    expect(painted[3]).toBe("│three is l│");
    expect(plainScreen.emulator.text()).toEqual(painted.map((row) => row.replace("three is l", "three is …")));
    plain.unmount();
    ink.unmount();
  });

  test("the first flush is complete: chrome and content together, no second one follows", async () => {
    const stage = new InkStage({ columns: 20, rows: 5 });
    stage.screen.surface(1).onSize(() => stage.screen.surface(1).setRows(["content"]));
    const ink = mountInk(stage, <Pane />);
    await settle();
    expect(stage.emulator.writes).toHaveLength(1);
    expect(stage.emulator.row(1)).toBe("│content   │");
    ink.unmount();
  });

  test("Ink taking over what the launcher painted writes nothing", async () => {
    const stage = new InkStage({ columns: 20, rows: 5 });
    const { screen, emulator } = stage;
    screen.setBase(["╭──────────╮", "│          │", "│          │", "│          │", "╰──────────╯"]);
    screen.place(1, { x: 1, y: 1, width: 10, height: 3 });
    screen.surface(1).setRows(rows);
    screen.composeNow();
    expect(emulator.row(1)).toBe("│one       │");
    emulator.writes.length = 0;
    const ink = mountInk(stage, <Pane />);
    await settle();
    expect(emulator.writes).toEqual([]);
    screen.surface(1).setRows(["alive"]);
    screen.composeNow();
    expect(emulator.row(1)).toBe("│alive     │");
    ink.unmount();
  });
});

describe("Ink's stream", () => {
  test("a frame of one short line is a frame; control sequences of Ink are swallowed", async () => {
    const stage = new InkStage({ columns: 10, rows: 1 });
    function Writer() {
      const { stdout } = useStdout();
      useLayoutEffect(() => {
        for (const control of ["\x1b[?25l", "\x1b[?1049h", "\x1b[?2004h\x1b[?25h", "\x1b[?u", "\x1b[>1u", "\x1b[<u"]) {
          stdout.write(control);
        }
      }, [stdout]);
      return <Text>x</Text>;
    }
    const ink = mountInk(stage, <Writer />);
    await settle();
    expect(stage.emulator.text()).toEqual(["x"]);
    expect(stage.emulator.writes.join("")).not.toMatch(/\x1b\[[?<>]/);
    ink.unmount();
    await expect(ink.exited).resolves.toBeUndefined();
  });

  test("a tree that dies rejects with its error", async () => {
    const stage = new InkStage({ columns: 10, rows: 2 });
    function Broken(): never {
      throw new Error("render failed");
    }
    const silent = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const ink = mountInk(stage, <Broken />);
    await expect(ink.exited).rejects.toThrow("render failed");
    silent.mockRestore();
  });

  test("a rerender of the same tree writes nothing", async () => {
    const stage = new InkStage({ columns: 20, rows: 5 });
    const ink = mountInk(stage, <Pane />);
    await settle();
    stage.emulator.writes.length = 0;
    ink.rerender(<Pane />);
    await settle();
    expect(stage.emulator.writes).toEqual([]);
    ink.unmount();
  });
});

test("the text cursor follows the field and hides without one", async () => {
  const stage = new InkStage({ columns: 30, rows: 3 });
  function Field({ text, isFocused }: { readonly text: string; readonly isFocused: boolean }) {
    const box = useRef<DOMElement>(null);
    useTextCursor(box, isFocused ? { x: text.length, y: 0 } : null);
    return (
      <Box marginLeft={4} marginTop={1}>
        <Box ref={box} width={20}>
          <Text>{text}</Text>
        </Box>
      </Box>
    );
  }
  const cursor = () => [stage.emulator.buffer.cursorX, stage.emulator.buffer.cursorY];
  const ink = mountInk(stage, <Field text="ab" isFocused />);
  await settle();
  expect(cursor()).toEqual([6, 1]);
  ink.rerender(<Field text="abc" isFocused />);
  await settle();
  expect(cursor()).toEqual([7, 1]);
  stage.emulator.writes.length = 0;
  ink.rerender(<Field text="abc" isFocused={false} />);
  await settle();
  expect(stage.emulator.writes).toEqual(["\x1b[?25l"]);
  ink.unmount();
});
