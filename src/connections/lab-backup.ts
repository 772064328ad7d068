import { copyFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { createHttp } from "../clients/http/http.js";
import { path } from "../clients/http/path.js";
import { dataOf } from "../clients/hubify/envelope.js";
import { Backup } from "../contract/backup.js";
import { FailureError } from "../core/failure.js";
import type { RunningLab } from "./lab-process.js";

const pollMs = 150;

export interface BackUpOptions {
  readonly type: Backup["type"];
  /** Where it goes, instead of the lab's own place for backups. */
  readonly file: string | undefined;
  readonly signal: AbortSignal;
}

/** Where the archive is. */
export interface BackedUp {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Has the lab of this machine make a backup, and waits for it. Whoever interrupts it has made none. Rejects with FailureError. */
export async function backUpLab(lab: RunningLab, { type, file, signal }: BackUpOptions): Promise<BackedUp> {
  const http = createHttp({ baseUrl: () => lab.url, token: () => lab.token });
  const one = dataOf(Backup);
  try {
    if (file !== undefined) await refuseExisting(file);
    const labs = await http.get("/v1/labs", { expect: dataOf(z.array(z.looseObject({ id: z.string() }))), signal });
    const labId = labs[0]?.id ?? "";
    const { id } = await http.post("/v1/backups", { body: { labId, type }, expect: one, signal });
    const drop = () => http.delete(path`/v1/backups/${id}`, { expect: z.unknown() });
    let backup: Backup;
    try {
      backup = await ended(() => http.get(path`/v1/backups/${id}`, { expect: one, signal }), signal);
    } catch (error) {
      await drop().catch(() => undefined);
      throw error;
    }
    const { status, error, file: name, size, sha256 } = backup;
    if (status !== "complete" || name === null) {
      throw new FailureError({ kind: "local", message: `the backup ${status}: ${error ?? "nobody knows why"}` });
    }
    const made = join(lab.dataDir, "backups", name);
    if (file !== undefined) {
      await place(made, file);
      await drop();
    }
    return { file: file ?? made, bytes: size ?? 0, sha256: sha256 ?? "" };
  } finally {
    await http.close();
  }
}

async function ended(look: () => Promise<Backup>, signal: AbortSignal): Promise<Backup> {
  for (;;) {
    const backup = await look();
    if (backup.status !== "running") return backup;
    await wait(pollMs, undefined, { signal }).catch(() => {
      throw new FailureError({ kind: "aborted", message: "interrupted; no backup was made" });
    });
  }
}

async function refuseExisting(file: string): Promise<void> {
  if ((await stat(file).catch(() => null)) === null) return;
  throw new FailureError({ kind: "conflict", message: `${file} exists already`, hint: "choose another name" });
}

/** Whole under its name, or not at all. */
async function place(made: string, file: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await copyFile(made, part);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const message = `${file} can't be written: ${(error as Error).message}`;
    throw new FailureError({ kind: "local", message, hint: `the backup is kept as ${made}` }, { cause: error });
  }
}
