import { randomBytes } from "node:crypto";

/** Lower-case base 32 without the letters that look like digits; the first is a letter, so that no id reads as a number. */
const alphabet = "abcdefghjkmnpqrstvwxyz0123456789";
const letters = 22;

/** A new document id: 32 characters like a Convex id, random, telling nothing of when it was made. */
export function newDocumentId(): string {
  const bytes = randomBytes(32);
  let id = alphabet[(bytes[0] ?? 0) % letters] ?? "j";
  for (const byte of bytes.subarray(1)) id += alphabet[byte % alphabet.length] ?? "";
  return id;
}
