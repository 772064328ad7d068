import { open } from "node:fs/promises";
import type { Figure } from "../../contract/figure.js";

export interface FigureShape {
  readonly mimeType: Figure["mimeType"];
  /** Pixels; null where the format has none, or its header does not say. */
  readonly width: number | null;
  readonly height: number | null;
}

/** A JPEG says its size behind its metadata, which may be long. */
const headBytes = 512 * 1024;
const svgHeadChars = 8192;
/** XML declaration, comments and document type may come before the root. */
const svgStart =
  /^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*)?(?:(?:<!--(?:(?!-->)[\s\S])*-->|<!DOCTYPE[^>[]*(?:\[[^\]]*\])?\s*>)\s*)*<svg[\s>/]/i;

/** What a file is, by its first bytes; null: no figure. */
export async function figureTypeOfFile(file: string): Promise<FigureShape | null> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return figureTypeOf(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** The same of the beginning of its bytes. */
export function figureTypeOf(head: Buffer): FigureShape | null {
  const ascii = (from: number, to: number) => head.toString("latin1", from, to);
  if (ascii(0, 8) === "\x89PNG\r\n\x1a\n") return { mimeType: "image/png", ...pngSize(head) };
  if (head.length > 3 && head.readUIntBE(0, 3) === 0xffd8ff) return { mimeType: "image/jpeg", ...jpegSize(head) };
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return { mimeType: "image/webp", ...webpSize(head) };
  if (ascii(0, 5) === "%PDF-") return { mimeType: "application/pdf", ...unknown };
  return svgStart.test(head.toString("utf8", 0, svgHeadChars)) ? { mimeType: "image/svg+xml", ...unknown } : null;
}

type Size = Pick<FigureShape, "width" | "height">;
const unknown: Size = { width: null, height: null };
const sized = (width: number, height: number): Size => (width > 0 && height > 0 ? { width, height } : unknown);

/** The first chunk is always IHDR. */
function pngSize(head: Buffer): Size {
  return head.length < 24 ? unknown : sized(head.readUInt32BE(16), head.readUInt32BE(20));
}

/** Goes from marker to marker until a start of frame (C0–CF without C4, C8, CC). */
function jpegSize(head: Buffer): Size {
  for (let at = 2; at + 9 <= head.length; ) {
    if (head[at] !== 0xff) return unknown;
    const marker = head[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return sized(head.readUInt16BE(at + 7), head.readUInt16BE(at + 5));
    at += 2 + head.readUInt16BE(at + 2);
  }
  return unknown;
}

/** Lossy (VP8 ), lossless (VP8L) and extended (VP8X) files say it in three ways. */
function webpSize(head: Buffer): Size {
  if (head.length < 30) return unknown;
  const kind = head.toString("latin1", 12, 16);
  if (kind === "VP8 ") return sized(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
  if (kind === "VP8X") return sized(head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1);
  if (kind !== "VP8L") return unknown;
  const bits = head.readUInt32LE(21);
  return sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
}
