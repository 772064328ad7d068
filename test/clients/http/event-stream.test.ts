import { expect, test } from "vitest";
import { parseEventStream, type ServerEvent, type StreamLimits } from "../../../src/clients/http/event-stream.js";

async function* inPieces(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function parse(text: string, size = 1 << 20, limits?: StreamLimits) {
  const events: ServerEvent[] = [];
  for await (const batch of parseEventStream(inPieces(text, size), limits)) events.push(...batch);
  return events;
}

const event = (data: string, id: string | null = null) => ({ id, event: "message", data, isTooLong: false });

test("id and data of each frame, ids live on", async () => {
  expect(await parse("id: a/01\ndata: one\n\ndata: two\n\nid: b\nevent: end\ndata:three\ndata:  3\n\n")).toEqual([
    event("one", "a/01"),
    event("two", "a/01"),
    { ...event("three\n 3", "b"), event: "end" },
  ]);
});

test.each(["\n", "\r\n", "\r"])("line end %j, comments, empty frames, cut anywhere", async (end) => {
  const text = [
    "﻿: hello",
    "",
    "",
    "id: 1",
    "data: é🙂",
    "",
    ":",
    "",
    "retry: 5",
    "",
    "data: b",
    "data: c",
    "",
    "",
  ].join(end);
  for (const size of [1, 2, 3, 7, 1000])
    expect(await parse(text, size)).toEqual([event("é🙂", "1"), event("b\nc", "1")]);
});

test("an end without a blank line still gives the last event", async () => {
  expect(await parse('id: 1\ndata: {"x":1}\n')).toEqual([event('{"x":1}', "1")]);
});

test("a frame cut inside a line is dropped, so that resuming brings it whole", async () => {
  expect(await parse('id: 1\ndata: a\n\nid: 2\ndata: {"x"')).toEqual([event("a", "1")]);
  expect(await parse("id: 1\ndata: a\n\nid: 2\ndata: b\ndata: c")).toEqual([event("a", "1")]);
});

test("a line over the limit costs its own frame only, and no memory", async () => {
  const limits = { line: 100, frame: 150 };
  const long = `id: 1\ndata: ${"x".repeat(1000)}\n\nid: 2\ndata: ok\n\n`;
  for (const size of [1, 64, 5000]) {
    const events = await parse(long, size, limits);
    expect(events).toEqual([{ id: "1", event: "message", data: "", isTooLong: true }, event("ok", "2")]);
  }
});

test("a frame of many lines over the limit is too long as well", async () => {
  const many = `${`data: ${"x".repeat(60)}\n`.repeat(5)}\ndata: ok\n\n`;
  const events = await parse(many, 17, { line: 100, frame: 150 });
  expect(events).toEqual([{ id: null, event: "message", data: "", isTooLong: true }, event("ok")]);
});
