import { z } from "zod";
import { backupTypes } from "../../contract/backup.js";

// A backup is a tar.gz. `backup.json` comes first: what it is. Then `lab.db`, and of a full one `runs/`, `blobs/` and `scripts/` as they
// lie in the data directory. `SHA256SUMS` has a line for each file before it, in their order, as sha256sum reads it; `manifest.json`,
// last, says how many they are and seals that list.

/** Grows when an older reader could not restore it. */
export const backupFormat = 1;

export const names = {
  head: "backup.json",
  database: "lab.db",
  sums: "SHA256SUMS",
  manifest: "manifest.json",
} as const;

/** Folders of the data directory that a full backup has. Everything else there is left out: keys, token, webhook secrets, other backups. */
export const folders = ["runs", "blobs", "scripts"] as const;

export const BackupHead = z.looseObject({
  format: z.number().int(),
  type: z.enum(backupTypes),
  /** Of the hubify-tui that made it. */
  version: z.string(),
  /** How many migrations its database has. */
  schema: z.number().int().nonnegative(),
  /** ms: when its database was as it is. */
  createdAt: z.number(),
});
export type BackupHead = z.infer<typeof BackupHead>;

export const Manifest = z.looseObject({
  ...BackupHead.shape,
  /** Members without SHA256SUMS and this one. */
  members: z.number().int().nonnegative(),
  /** Bytes in all of them. */
  bytes: z.number().nonnegative(),
  sumsSha256: z.string(),
  counts: z.record(z.string(), z.number()),
  /** What could not be taken along: links, devices, what vanished. The first hundred by name. */
  skipped: z.object({ count: z.number(), paths: z.array(z.string()) }),
});
export type Manifest = z.infer<typeof Manifest>;

/** A line of SHA256SUMS; coreutils' way of writing names with line ends in them. */
export function sumLine(sha256: string, path: string): string {
  if (!/[\\\n\r]/.test(path)) return `${sha256}  ${path}\n`;
  const escaped = path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `\\${sha256}  ${escaped}\n`;
}
