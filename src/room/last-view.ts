import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fromSnapshot, type Snapshot, toSnapshot } from "../app/snapshot.js";
import type { AppState, AppStore } from "../app/store.js";

/** A crash may lose this much of how the view was. */
const saveEveryMs = 20_000;

/** What the last room saw; null when there was none or the file cannot be read. */
export function readLastView(file: string): Snapshot | null {
  try {
    return fromSnapshot(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

/** Keeps the file up to date while the room is open; `save` writes it once more on leaving. A full disk is no reason to fail. */
export function keepLastView(file: string, store: AppStore): { save(): void; stop(): void } {
  let saved: AppState | null = null;
  const save = () => {
    const state = store.api.getState();
    if (state === saved) return;
    saved = state;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.new`, JSON.stringify(toSnapshot(state, Date.now())), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch {
      // The next start then begins without a memory.
    }
  };
  const timer = setInterval(save, saveEveryMs);
  timer.unref();
  return { save, stop: () => clearInterval(timer) };
}
