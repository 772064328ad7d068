import { randomUUID } from "node:crypto";

/**
 * One Transition as the frames it travels in: itself, or TransitionChunks of about `chunkBytes` each. A cut may part a surrogate
 * pair: JSON escapes the halves and the client joins the texts before it parses.
 */
export function chunkTransition(text: string, chunkBytes: number): readonly string[] {
  // A UTF-16 unit is at most three bytes of UTF-8: most texts need no count.
  if (text.length * 3 <= chunkBytes) return [text];
  const totalParts = Math.ceil(Buffer.byteLength(text) / chunkBytes);
  if (totalParts <= 1) return [text];
  const partLength = Math.ceil(text.length / totalParts);
  const transitionId = randomUUID();
  return Array.from({ length: totalParts }, (_, partNumber) =>
    JSON.stringify({
      type: "TransitionChunk",
      chunk: text.slice(partNumber * partLength, (partNumber + 1) * partLength),
      partNumber,
      totalParts,
      transitionId,
    }),
  );
}
