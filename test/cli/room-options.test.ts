import { describe, expect, it } from "vitest";
import { readRoomOptions } from "../../src/cli/room-options.js";

describe("readRoomOptions", () => {
  it("reads a call that can only mean the room", () => {
    expect(readRoomOptions([])).toEqual({});
    expect(readRoomOptions(["--sample", "--theme=light", "--charts", "ascii", "--data", "/x", "--readonly"])).toEqual({
      sample: true,
      theme: "light",
      charts: "ascii",
      data: "/x",
      readonly: true,
    });
    expect(readRoomOptions(["--lab", "dark-energy"])).toEqual({ lab: "dark-energy" });
  });

  it.each([
    ["a command", ["status"]],
    ["options before a command", ["--data", "/x", "lab", "start"]],
    ["help", ["--help"]],
    ["the version", ["-V"]],
    ["an unknown option", ["--smaple"]],
    ["a missing value", ["--theme"]],
    ["a value where none belongs", ["--sample=yes"]],
    ["a word that is no choice", ["--charts", "dots"]],
  ])("leaves %s to commander", (_what, args) => {
    expect(readRoomOptions(args)).toBeNull();
  });
});
