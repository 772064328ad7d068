import { resolve } from "node:path";
import type { Config } from "../../config/config.js";
import { labFiles } from "../../config/paths.js";
import type { Clock } from "../../core/clock.js";
import { createBackups } from "../services/backups.js";
import { createFigures } from "../services/figures.js";
import { createFiles } from "../services/files.js";
import type { LabsService } from "../services/labs.js";
import type { LabStore } from "../store/store.js";
import { createBlobs } from "./blobs.js";

export interface FilesParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly settings: Pick<Config["lab"], "maxUploadMb" | "backupDir">;
  /** Of hubify-tui: backups say which made them. */
  readonly version: string;
  readonly log: (line: string) => void;
}

const mib = 2 ** 20;
const defaultFigureMb = 25;
const defaultFileMb = 100;

/** Figures, files and backups of a data directory, and the contents behind them. */
export function composeFiles({ settings, ...parts }: FilesParts) {
  const { store, labs, dataDir, log } = parts;
  const { maxUploadMb, backupDir } = settings;
  const blobs = createBlobs({ store, dataDir, log });
  const database = labFiles(dataDir).database;
  const backups = createBackups({
    ...parts,
    blobs,
    database,
    backupDir: backupDir === undefined ? undefined : resolve(backupDir),
  });
  return {
    blobs,
    figures: createFigures({ store, labs, blobs, maxBytes: (maxUploadMb ?? defaultFigureMb) * mib }),
    files: createFiles({ store, labs, blobs, maxBytes: (maxUploadMb ?? defaultFileMb) * mib }),
    backups: backups.service,
    async start(): Promise<void> {
      blobs.start();
      await backups.start();
    },
    async stop(): Promise<void> {
      await backups.stop();
      await blobs.stop();
    },
  };
}
