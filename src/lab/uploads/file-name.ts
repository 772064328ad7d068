const maxBytes = 255;

/** A name as it may be shown and sent in a header: its last part, without control characters, at most 255 bytes. */
export function fileNameOf(given: string, fallback: string): string {
  const last = given.toWellFormed().normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "").trim();
  if (clean === "" || clean === "." || clean === "..") return fallback;
  let name = "";
  for (const character of clean) {
    if (Buffer.byteLength(name) + Buffer.byteLength(character) > maxBytes) break;
    name += character;
  }
  return name;
}
