import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { diskReason } from "../runs/disk-reason.js";
import type { LabStore } from "../store/store.js";
import { unreferenced } from "./blob-references.js";

export interface CollectorParts {
  readonly store: LabStore;
  /** Where they lie: `ab/cdef…`. */
  readonly blobs: string;
  readonly pathOf: (sha256: string) => string;
  readonly log: (line: string) => void;
}

/** Blobs looked at in one turn of the store: a few ms. */
const batch = 200;

/** Removes contents that no row names, after the change that released them, and a few at a time. */
export function createCollector({ store, blobs, pathOf, log }: CollectorParts) {
  const pending = new Set<string>();
  let all = false;
  let holds = 0;
  let stopped = false;
  let collecting: Promise<void> | null = null;

  /** Under the store's lock: no row can come to name one of them meanwhile. */
  const removeUnnamed = (wanted: readonly string[]) =>
    store.read(async () => {
      if (holds > 0) for (const sha256 of wanted) pending.add(sha256);
      else for (const sha256 of await unreferenced(store, wanted)) await rm(pathOf(sha256), { force: true });
    });

  const collectSome = async () => {
    const wanted = [...pending].slice(0, batch);
    for (const sha256 of wanted) pending.delete(sha256);
    await removeUnnamed(wanted);
  };

  const collectAll = async () => {
    all = false;
    for (const shard of await names(blobs)) {
      const found = (await names(join(blobs, shard))).map((rest) => `${shard}${rest}`);
      for (let at = 0; at < found.length && !stopped; at += batch) await removeUnnamed(found.slice(at, at + batch));
    }
  };

  const collect = async () => {
    while (!stopped && holds === 0 && (all || pending.size > 0)) await (all ? collectAll() : collectSome());
  };

  const wake = () => {
    if (collecting !== null || stopped || holds > 0 || (!all && pending.size === 0)) return;
    collecting = collect()
      .catch((error: unknown) => log(`content that nothing names any more stays: ${diskReason(error)}`))
      .finally(() => {
        collecting = null;
        wake();
      });
  };
  // After the commit of the change that released them.
  const forget = store.onChange(wake);

  return {
    /** `null`: too many to tell, look at all. */
    add(sha256: readonly string[] | null): void {
      if (sha256 === null) all = true;
      else for (const each of sha256) pending.add(each);
    },
    hold(): () => void {
      holds += 1;
      let held = true;
      return () => {
        if (held) holds -= 1;
        held = false;
        wake();
      };
    },
    /** Looks at all of them, in the background, when `first` is done. */
    start(first: Promise<void>): void {
      all = true;
      collecting = first.finally(() => {
        collecting = null;
        wake();
      });
    },
    async stop(): Promise<void> {
      stopped = true;
      forget();
      await collecting;
    },
  };
}

/** Of a folder; none when it is not there. */
export async function names(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
}
