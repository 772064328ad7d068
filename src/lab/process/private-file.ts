import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";

const ownerOnly = 0o600;

/** Replaces a file as a whole: whoever reads it sees the old text or the new. Only the owner may read it. */
export function writePrivateFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: ownerOnly });
  renameSync(temporary, file);
}

/** The text, or null when there is no such file. */
export function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The lab's bearer token: made once, then always the same. Takes rights away that others should not have. */
export function readOrCreateToken(file: string): string {
  const kept = readIfThere(file)?.trim() ?? "";
  if (kept === "") {
    const token = `hubify_lab_${randomBytes(32).toString("base64url")}`;
    writePrivateFile(file, `${token}\n`);
    return token;
  }
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, ownerOnly);
  return kept;
}
