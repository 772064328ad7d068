import { join } from "node:path";
import { Reproduction } from "../../../contract/qc.js";
import { readIfThere, writePrivateFile } from "../../process/private-file.js";

const fileOf = (dir: string) => join(dir, "reproduction.json");

/** The record in a run's directory; null: there is none that can be read. */
export function readRecord(dir: string): Reproduction | null {
  try {
    return Reproduction.parse(JSON.parse(readIfThere(fileOf(dir)) ?? "null"));
  } catch {
    return null;
  }
}

export function writeRecord(dir: string, record: Reproduction): void {
  writePrivateFile(fileOf(dir), `${JSON.stringify(record, null, 2)}\n`);
}

/** Adds to the record, in one turn of the event loop: those who add are the start, what follows it, and the end. */
export function addToRecord(dir: string, more: Partial<Reproduction>): Reproduction | null {
  const before = readRecord(dir);
  if (before === null) return null;
  const record = { ...before, ...more };
  writeRecord(dir, record);
  return record;
}
