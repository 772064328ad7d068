import { expect, test } from "vitest";
import { figureTypeOf } from "../../../src/lab/uploads/figure-type.js";
import { png } from "./images.js";

const bytes = (...parts: (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));
const frame = [0xff, 0xc2, 0, 17, 8, 0, 100, 1, 44, 3];
const app = (length: number) => [0xff, 0xe1, length >> 8, length & 255, ...Array<number>(length - 2).fill(0xc0)];

test("a PNG says its size", () => {
  expect(figureTypeOf(png(640, 480))).toEqual({ mimeType: "image/png", width: 640, height: 480 });
});

test("a JPEG says its size behind its metadata", () => {
  const jpeg = bytes([0xff, 0xd8], app(30_000), [0xff], frame, [0, 0, 0]);
  expect(figureTypeOf(jpeg)).toEqual({ mimeType: "image/jpeg", width: 300, height: 100 });
  expect(figureTypeOf(bytes([0xff, 0xd8], app(40), [0xff, 0xc4, 0, 4, 9, 9], frame, [0]))?.width).toBe(300);
});

test("a JPEG that ends before its size has none", () => {
  expect(figureTypeOf(bytes([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]))).toEqual({
    mimeType: "image/jpeg",
    width: null,
    height: null,
  });
});

const riff = (kind: string, rest: readonly number[]) => bytes("RIFF", [0, 0, 0, 0], "WEBP", kind, [0, 0, 0, 0], rest);
test.each([
  ["lossy", riff("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 0x2c, 1, 0x64, 0])],
  ["extended", riff("VP8X", [0, 0, 0, 0, 0x2b, 1, 0, 0x63, 0, 0])],
  // 14 bits of width - 1, then of height - 1: 299 and 99.
  ["lossless", riff("VP8L", [0x2f, 0x2b, 0xc1, 0x18, 0, 0, 0, 0, 0, 0])],
])("a %s WebP says its size", (_, webp) => {
  expect(figureTypeOf(webp)).toEqual({ mimeType: "image/webp", width: 300, height: 100 });
});

test.each([
  "<svg xmlns='http://www.w3.org/2000/svg'/>",
  '\uFEFF<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"\n "svg11.dtd">\n<svg>',
])("an SVG is told by its root: %s", (text) => {
  expect(figureTypeOf(Buffer.from(text))).toEqual({ mimeType: "image/svg+xml", width: null, height: null });
});

test("a PDF is one", () => expect(figureTypeOf(Buffer.from("%PDF-1.7\n"))?.mimeType).toBe("application/pdf"));

test.each(["", "<html><svg></svg></html>", "<svgx>", "GIF89a", "PNG", "\x89PNG", "#!/bin/sh", "<!-- <svg> "])(
  "%j is no figure",
  (text) => expect(figureTypeOf(Buffer.from(text, "latin1"))).toBeNull(),
);

test("a long comment that never ends is no work", () => {
  const start = performance.now();
  expect(figureTypeOf(Buffer.from(`<!--${"<!--".repeat(200_000)}`))).toBeNull();
  expect(performance.now() - start).toBeLessThan(200);
});
