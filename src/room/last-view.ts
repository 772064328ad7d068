import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { toSnapshot } from "../app/snapshot.js";
import type { Snapshot } from "../app/snapshot-schema.js";
import type { AppState, AppStore } from "../app/store.js";
import { checksum } from "../core/checksum.js";

/** A crash may lose this much of how the view was. */
const saveEveryMs = 20_000;

/** The second line of the file: which build wrote the first one, and its checksum. */
const sealOf = (json: string, build: string) => `${build} ${checksum(json)}`;

/**
 * What the last room saw; null when there was none or the file cannot be read. What this very build wrote, whole, is taken
 * as it is; anything else is checked field by field, which costs the loading of the schema.
 */
export async function readLastView(file: string, build: string): Promise<Snapshot | null> {
  try {
    const [json = "", seal] = readFileSync(file, "utf8").split("\n");
    const view: unknown = JSON.parse(json);
    if (seal === sealOf(json, build)) return view as Snapshot;
    const { fromSnapshot } = await import("../app/snapshot-schema.js");
    return fromSnapshot(view);
  } catch {
    return null;
  }
}

export interface LastView {
  readonly file: string;
  /** Names this build: another one's file is not trusted. */
  readonly build: string;
  readonly store: AppStore;
}

/** Keeps the file up to date while the room is open; `save` writes it once more on leaving. A full disk is no reason to fail. */
export function keepLastView({ file, build, store }: LastView): { save(): void; stop(): void } {
  let saved: AppState | null = null;
  const save = () => {
    const state = store.api.getState();
    if (state === saved) return;
    saved = state;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const json = JSON.stringify(toSnapshot(state, Date.now()));
      writeFileSync(`${file}.new`, `${json}\n${sealOf(json, build)}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch {
      // The next start then begins without a memory.
    }
  };
  const timer = setInterval(save, saveEveryMs);
  timer.unref();
  return { save, stop: () => clearInterval(timer) };
}
