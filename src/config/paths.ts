import { existsSync, mkdirSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

export interface Paths {
  /** `config.json` and own themes. */
  readonly configDir: string;
  /** What the room remembers between two starts. */
  readonly stateDir: string;
  readonly dataDir: string;
  /** Sockets and the like, gone with the session. */
  readonly runDir: string;
}

const name = "hubify-tui";

/** The XDG base directories; `HUBIFY_TUI_HOME` moves all four below one directory. Makes none of them. */
export function resolvePaths(env: NodeJS.ProcessEnv, homeDir: string): Paths {
  const home = env["HUBIFY_TUI_HOME"];
  if (home !== undefined && home !== "") {
    const below = (folder: string) => join(home, folder);
    return { configDir: below("config"), stateDir: below("state"), dataDir: below("data"), runDir: below("run") };
  }
  // XDG: a path that is not absolute is to be ignored.
  const base = (variable: string) => {
    const given = env[variable];
    return given !== undefined && isAbsolute(given) ? join(given, name) : undefined;
  };
  const stateDir = base("XDG_STATE_HOME") ?? join(homeDir, ".local", "state", name);
  return {
    configDir: base("XDG_CONFIG_HOME") ?? join(homeDir, ".config", name),
    stateDir,
    dataDir: base("XDG_DATA_HOME") ?? join(homeDir, ".local", "share", name),
    runDir: base("XDG_RUNTIME_DIR") ?? join(stateDir, "run"),
  };
}

/** Where the lab keeps its data unless `--data` says otherwise. */
export function defaultLabDir({ dataDir }: Paths): string {
  return join(dataDir, "lab");
}

/** The files of a lab's data directory. */
export function labFiles(labDir: string) {
  return {
    database: join(labDir, "lab.db"),
    /** Held by the kernel for the lab that runs: see lab/process/data-lock.ts. */
    lock: join(labDir, "lock.db"),
    /** Who holds it, for people. */
    holder: join(labDir, "holder.json"),
    /** The bearer token, mode 0600. */
    token: join(labDir, "token"),
    /** Where the lab answers, mode 0600; gone when it has stopped. */
    discovery: join(labDir, "lab.json"),
    log: join(labDir, "lab.log"),
    /** The key that the lab made for its pods, mode 0600, and what it knows of their hosts. */
    sshKey: join(labDir, "ssh", "id_ed25519"),
    knownHosts: join(labDir, "ssh", "known_hosts"),
  };
}

/** The key that the lab made for its pods, where it has made one, and what it knows of their hosts. */
export function sshFilesOf(labDir: string): { readonly identity: string | null; readonly knownHosts: string | null } {
  const { sshKey, knownHosts } = labFiles(labDir);
  return existsSync(sshKey) ? { identity: sshKey, knownHosts } : { identity: null, knownHosts: null };
}

/** Makes a directory that only its owner can enter. */
export function makePrivateDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    // On a read-only file system the recursive form says ENOENT; the plain one says why.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") mkdirSync(firstMissing(dir), { mode: 0o700 });
    throw error;
  }
}

function firstMissing(dir: string): string {
  const parent = dirname(dir);
  return existsSync(parent) || parent === dir ? dir : firstMissing(parent);
}
