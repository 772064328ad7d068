import { randomBytes } from "node:crypto";

/** Lower-case base 32 without the letters that look like digits; the first is a letter, so that no id reads as a number. */
const alphabet = "abcdefghjkmnpqrstvwxyz0123456789";
const letters = 22;
const length = 32;

/** A new document id: 32 characters like a Convex id, random, telling nothing of when it was made. */
export const newDocumentId = (): string => idOf(randomBytes(length));

/** As many as are wanted: asking the system for the bytes of each takes longer than writing a row. */
export function newDocumentIds(count: number): string[] {
  const bytes = randomBytes(count * length);
  return Array.from({ length: count }, (_, index) => idOf(bytes.subarray(index * length, (index + 1) * length)));
}

function idOf(bytes: Uint8Array): string {
  let id = alphabet[(bytes[0] ?? 0) % letters] ?? "j";
  for (const byte of bytes.subarray(1)) id += alphabet[byte % alphabet.length] ?? "";
  return id;
}
