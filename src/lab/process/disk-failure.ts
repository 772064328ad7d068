import { FailureError } from "../../core/failure.js";
import { NewerStoreError } from "../store/store.js";

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const sqlite = { readOnly: 8, ioError: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 } as const;

/** The primary code of an error of node:sqlite. */
export function sqliteCode(error: unknown): number | null {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === "ERR_SQLITE_ERROR" && typeof errcode === "number" ? errcode & 0xff : null;
}

export function isCorrupt(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === sqlite.corrupt || code === sqlite.notADatabase;
}

interface Reason {
  readonly what: string;
  readonly hint: string;
}

const elsewhere = "choose another directory with --data";

const reasons = {
  readOnly: { what: "it is on a read-only file system", hint: elsewhere },
  denied: { what: "permission denied", hint: `make it yours (chown, chmod u+rwx), or ${elsewhere}` },
  full: { what: "the disk is full", hint: `free some space, or ${elsewhere}` },
  notADirectory: { what: "it is not a directory", hint: elsewhere },
  broken: { what: "the disk does not answer", hint: "look at the system's log, then try again" },
} satisfies Record<string, Reason>;

const bySystemCode: Readonly<Record<string, Reason>> = {
  EROFS: reasons.readOnly,
  EACCES: reasons.denied,
  EPERM: reasons.denied,
  ENOSPC: reasons.full,
  EDQUOT: reasons.full,
  ENOTDIR: reasons.notADirectory,
  EEXIST: reasons.notADirectory,
  EIO: reasons.broken,
};

const bySqliteCode: Readonly<Record<number, Reason>> = {
  [sqlite.readOnly]: reasons.readOnly,
  [sqlite.cantOpen]: reasons.denied,
  [sqlite.full]: reasons.full,
  [sqlite.ioError]: reasons.broken,
};

/** What stands between the lab and its data directory, in words, with what to do now. */
export function diskFailure(error: unknown, dir: string): FailureError {
  if (error instanceof FailureError) return error;
  if (error instanceof NewerStoreError) {
    const message = `${dir} was written by a newer version: ${error.message}`;
    return new FailureError({ kind: "unsupported", message, hint: `update hubify-tui, or ${elsewhere}` });
  }
  const reason =
    bySystemCode[(error as NodeJS.ErrnoException).code ?? ""] ?? bySqliteCode[sqliteCode(error) ?? -1] ?? undefined;
  if (reason !== undefined) {
    return new FailureError(
      { kind: "local", message: `can't use ${dir}: ${reason.what}`, hint: reason.hint },
      { cause: error },
    );
  }
  const message = `can't use ${dir}: ${error instanceof Error ? error.message : String(error)}`;
  return new FailureError({ kind: "local", message, hint: elsewhere }, { cause: error });
}
