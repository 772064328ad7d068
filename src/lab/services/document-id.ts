import { randomFillSync } from "node:crypto";

/** Lower-case base 32 without the letters that look like digits; the first is a letter, so that no id reads as a number. */
const alphabet = "abcdefghjkmnpqrstvwxyz0123456789";
const letters = 22;
const length = 32;

/** Random bytes of many ids: asking the system for each of a thousand takes longer than writing them. */
const random = new Uint8Array(64 * length);
let used = random.length;

/** A new document id: 32 characters like a Convex id, random, telling nothing of when it was made. */
export function newDocumentId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const bytes = random.subarray(used, (used += length));
  let id = alphabet[(bytes[0] ?? 0) % letters] ?? "j";
  for (const byte of bytes.subarray(1)) id += alphabet[byte % alphabet.length] ?? "";
  return id;
}
