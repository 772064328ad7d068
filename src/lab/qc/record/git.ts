import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Reproduction } from "../../../contract/qc.js";
import { askProgram } from "./ask-program.js";

/** The repository a directory is in, looked for without starting git: most runs are in none. */
export function repositoryOf(directory: string): string | null {
  for (let dir = directory; ; dir = dirname(dir)) {
    if (existsSync(join(dir, ".git"))) return dir;
    if (dirname(dir) === dir) return null;
  }
}

/** Revision, branch, remote of the repository, and whether tracked files differ. It neither locks nor asks anybody. */
export async function gitFacts(directory: string, env: NodeJS.ProcessEnv): Promise<Reproduction["git"]> {
  const root = repositoryOf(directory);
  if (root === null) return null;
  const question = { cwd: root, env: { ...env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" } };
  const git = (...args: readonly string[]) => askProgram("git", ["-c", "core.fsmonitor=false", ...args], question);
  const [status, remote] = await Promise.all([
    git("status", "--porcelain=v2", "--branch", "--untracked-files=no"),
    git("config", "--get", "remote.origin.url"),
  ]);
  return { root, ...readStatus(status), remote: remote === null ? null : withoutCredentials(remote.trim()) };
}

/** `# branch.oid 1f2e…`, `# branch.head main`, then a line for each file that differs. */
function readStatus(text: string | null) {
  if (text === null) return { revision: null, branch: null, dirty: null };
  const lines = text.split("\n").filter((line) => line !== "");
  const header = (name: string) =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length) ?? null;
  const revision = header("oid");
  const branch = header("head");
  return {
    revision: revision === null || !/^[0-9a-f]{40,64}$/.test(revision) ? null : revision,
    branch: branch === "(detached)" ? null : branch,
    dirty: lines.some((line) => !line.startsWith("#")),
  };
}

/** A remote may hold a token: `https://user:token@host/…`. The user of `git@host:…` is no secret. */
export function withoutCredentials(remote: string): string {
  const url = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/]*@)?([^/?#]*)([^?#]*)/i.exec(remote);
  if (url === null) return remote.includes("://") ? "" : remote.replace(/^[^/@]*:[^/@]*@/, "");
  return `${url[1] ?? ""}${url[2] ?? ""}${url[3] ?? ""}`;
}
