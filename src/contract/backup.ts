import { z } from "zod";

/** `full`: database, run directories, figures and files. `checkpoint`: the database alone. */
export const backupTypes = ["full", "checkpoint"] as const;

/** `local`: `backups/` of the data directory. `directory`: what `lab.backupDir` of config.json names. */
export const backupDestinations = ["local", "directory"] as const;

export const Backup = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string().nullable(),
  type: z.enum(backupTypes),
  destination: z.enum(backupDestinations),
  status: z.enum(["running", "complete", "failed", "cancelled"]),
  /** Name of the archive at its destination. */
  file: z.string().nullable(),
  /** Bytes. */
  size: z.number().nullable(),
  sha256: z.string().nullable(),
  /** Why it failed. */
  error: z.string().nullable(),
  createdBy: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Backup = z.infer<typeof Backup>;

export const NewBackup = z.strictObject({
  labId: z.string().min(1),
  type: z.enum(backupTypes).default("full"),
  destination: z.enum(backupDestinations).default("local"),
});
export type NewBackup = z.input<typeof NewBackup>;

export const BackupStats = z.object({
  total: z.number(),
  complete: z.number(),
  failed: z.number(),
  running: z.number(),
  /** Bytes of all complete ones. */
  totalBytes: z.number(),
  lastCompletedAt: z.number().nullable(),
});
export type BackupStats = z.infer<typeof BackupStats>;
