import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { makePrivateDir } from "../../config/paths.js";
import { LabError } from "../lab-error.js";
import { diskReason, shortBytes } from "../runs/disk-reason.js";
import type { LabStore } from "../store/store.js";
import { createCollector, names } from "./blob-collector.js";

/** Content that lies in a temporary file: kept by a row soon, or discarded. */
export interface Staged {
  readonly file: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export interface StageLimit {
  readonly maxBytes: number;
  /** What refusals name. */
  readonly field: string;
}

/**
 * Content of figures and files, by its SHA-256: `blobs/ab/cdef…`, each once however many rows name it. A blob goes when the last
 * row that names it has gone; whatever a killed lab left behind goes at its next start.
 */
export interface Blobs {
  /** Into a temporary file, never the whole in memory. Whatever goes wrong leaves nothing behind. */
  stage(source: AsyncIterable<Uint8Array>, limit: StageLimit): Promise<Staged>;
  /** Puts it in place. Only inside a `change`, together with the row that names it: the store's one writer is what orders this and the removal. */
  keep(staged: Staged): Promise<void>;
  /** Nothing happens to what was kept. */
  discard(staged: Staged): Promise<void>;
  pathOf(sha256: string): string;
  /** Rows that named these are gone, or will be with the running change: looked at after it. `null`: too many to tell, look at all. */
  released(sha256: readonly string[] | null): void;
  /** Until the answered function is called, nothing is removed: a backup reads what its snapshot names. */
  hold(): () => void;
  /** Removes what no row names, in the background. */
  start(): void;
  stop(): Promise<void>;
}

export interface BlobsParts {
  readonly store: LabStore;
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

export function createBlobs({ store, dataDir, log }: BlobsParts): Blobs {
  /** Of this life of the lab: what is in others broke off. */
  const life = randomUUID();
  const uploads = join(dataDir, "uploads", life);
  const blobs = join(dataDir, "blobs");
  const pathOf = (sha256: string) => join(blobs, sha256.slice(0, 2), sha256.slice(2));
  const collector = createCollector({ store, blobs, pathOf, log });

  return {
    pathOf,

    async stage(source, limit) {
      const file = join(uploads, randomUUID());
      try {
        makePrivateDir(uploads);
        return { file, ...(await writeHashed(source, file, limit)) };
      } catch (error) {
        await rm(file, { force: true });
        throw refusalOf(error, limit.field);
      }
    },

    async keep({ file, sha256, size }) {
      const target = pathOf(sha256);
      const there = await stat(target).catch(() => null);
      if (there?.size === size) return rm(file, { force: true });
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await rename(file, target);
      await syncDirectory(dirname(target));
      // Should the change fail after all, nothing names it.
      collector.add([sha256]);
    },

    discard: ({ file }) => rm(file, { force: true }),

    released: collector.add,
    hold: collector.hold,

    start() {
      const swept = removeOthers(join(dataDir, "uploads"), life).catch((error: unknown) => {
        log(`uploads that broke off stay: ${diskReason(error)}`);
      });
      collector.start(swept);
    },

    stop: collector.stop,
  };
}

async function removeOthers(dir: string, own: string): Promise<void> {
  for (const name of await names(dir)) if (name !== own) await rm(join(dir, name), { recursive: true, force: true });
}

async function writeHashed(source: AsyncIterable<Uint8Array>, file: string, { maxBytes, field }: StageLimit) {
  const hash = createHash("sha256");
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      if (size > maxBytes) {
        done(
          new LabError("payload_too_large", `${field}: larger than ${shortBytes(maxBytes)}, the most this lab takes`),
        );
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // Flushed: a row that names it is never there without its content, also after a power cut.
  await pipeline(source, counted, createWriteStream(file, { mode: 0o600, flags: "wx", flush: true }));
  return { sha256: hash.digest("hex"), size };
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const diskCodes = new Set(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE", "EIO"]);

function refusalOf(error: unknown, field: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (!diskCodes.has(code ?? "")) return error;
  return new LabError("server_error", `${field}: can't be stored: ${diskReason(error)}`, { cause: error });
}
