import type { LabApi } from "../connections/lab-api.js";
import type { Connection } from "../contract/connection.js";

/** What a one-shot command may use. `connect` attaches to the lab of the chosen data directory, starting it on demand, or with `--runpod` to an account alone. */
export interface Cli {
  readonly version: string;
  out(text: string): void;
  err(text: string): void;
  connect(options?: AttachOptions): Promise<Connection>;
  /** REST of the lab alone, started on demand; refused with `--runpod`. */
  api(options?: AttachOptions): Promise<LabApi>;
  /** A line typed on the terminal; null where there is none to ask on. */
  ask(question: string): Promise<string | null>;
  /** Gives the terminal to a program until it ends; answers its exit code. */
  run(argv: readonly string[]): Promise<number>;
  /** The lab's own ssh key and known hosts, where it has them on this machine. */
  sshFiles(): { readonly identity: string | null; readonly knownHosts: string | null };
  readonly lab: LabControl;
  /** Options given before the command: `--data`. */
  readonly dataDir: () => string;
  readonly nowMs: () => number;
  /** Aborted on SIGINT, so that `-f` ends cleanly. */
  readonly interrupted: AbortSignal;
}

export interface AttachOptions {
  /** For what is of the whole server. Else other labs than the one that is meant are not there: each has its own EXP-001. */
  readonly allLabs?: boolean;
}

export interface LabStatus {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  readonly tokenFile: string;
  readonly version: string;
  /** Where a corrupt database was moved to by this very start (`--repair`). */
  readonly movedTo?: string;
}

/** Starting and stopping the lab on this machine. */
export interface LabControl {
  start(options: LabStartOptions): Promise<LabStatus>;
  /** Runs it in this process until it is told to stop. */
  foreground(options: LabStartOptions): Promise<void>;
  /** False when none was running. */
  stop(): Promise<boolean>;
  status(): Promise<LabStatus | null>;
  logFile(): string;
  /** Has the lab make a backup while it runs, starting it on demand; waits for its end. */
  backup(
    options: LabBackupOptions,
  ): Promise<{ readonly file: string; readonly bytes: number; readonly sha256: string }>;
  /** Puts a backup in the place of what is in the data directory; null when `confirm` said no. Refuses while a lab runs there. */
  restore(options: LabRestoreOptions): Promise<{ readonly keptAs: string | null } | null>;
}

export interface LabBackupOptions {
  readonly type: "full" | "checkpoint";
  /** Absolute. */
  readonly file: string | undefined;
  readonly signal: AbortSignal;
}

/** What a checked backup says of itself. */
export interface FoundBackup {
  readonly type: "full" | "checkpoint";
  readonly createdAt: number;
  readonly version: string;
  /** Unpacked. */
  readonly bytes: number;
  readonly counts: Readonly<Record<string, number>>;
  /** The data directory has a database, which will be kept. */
  readonly hasData: boolean;
}

export interface LabRestoreOptions {
  readonly file: string;
  readonly anyRatio: boolean;
  readonly confirm: (found: FoundBackup) => Promise<boolean>;
}

export interface LabStartOptions {
  readonly port: number;
  readonly host: string;
  readonly insecure: boolean;
  readonly repair: boolean;
}
