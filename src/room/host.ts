import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, write, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../app/command.js";
import { sshFilesOf } from "../config/paths.js";
import { FailureError } from "../core/failure.js";
import type { Terminal } from "../terminal/terminal.js";

export interface HostParts extends Pick<Host, "leave" | "retry"> {
  /** Data directory of the lab on this machine. */
  readonly labDir: string;
}

/** The terminal and this machine, for commands. */
export function createHost(terminal: Terminal, { labDir, leave, retry }: HostParts): Host {
  return {
    leave,
    retry,
    shell: (argv, title) => runShell(terminal, argv, title),
    sshFiles: () => sshFilesOf(labDir),
    copy: (text) => terminal.copy(text),
    edit: (text, extension) => editText(terminal, text, extension),
    saveFile: (name, text) => Promise.resolve(saveFile(name, text)),
    saveBytes,
    suspend: () => terminal.suspend(),
    redraw: () => terminal.screen.resume({ forget: true }),
  };
}

/** Lends the terminal to $VISUAL or $EDITOR (else vi). null when the text was left as it was. */
async function editText(terminal: Terminal, text: string, extension: string): Promise<string | null> {
  // Only now: it would cost the first frame ten milliseconds.
  const { spawn } = await import("node:child_process");
  const directory = mkdtempSync(join(tmpdir(), "hubify-edit-"));
  const file = join(directory, `config${extension}`);
  const editor = process.env["VISUAL"] ?? process.env["EDITOR"] ?? "vi";
  try {
    writeFileSync(file, text, { mode: 0o600 });
    // Through a shell: an editor may be given with arguments ("code --wait"). The file name is an argument of its own.
    await terminal.lend(async () => {
      const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
      const [code] = (await once(child, "close")) as [number | null];
      if (code === 0) return;
      const message = `${editor} ended with ${code === null ? "a signal" : `code ${code}`}`;
      throw new FailureError({ kind: "local", message, hint: "set EDITOR to an editor that is installed" });
    });
    const edited = readFileSync(file, "utf8");
    return edited === text ? null : edited;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Enough of what a program said last to tell why it failed. */
const keptErrorBytes = 4096;

/**
 * Lends the terminal to a program. Its stderr goes to the terminal and is kept besides: after a failed login the screen is ours
 * again before anybody could read it.
 */
async function runShell(terminal: Terminal, argv: readonly string[], title: string): ReturnType<Host["shell"]> {
  const { spawn } = await import("node:child_process");
  const [program = "", ...args] = argv;
  return terminal.lend(async () => {
    process.stdout.write(`${title}\n`);
    const child = spawn(program, args, { stdio: ["inherit", "inherit", "pipe"] });
    let said = "";
    child.stderr.on("data", (data: Buffer) => {
      process.stderr.write(data);
      said = (said + data.toString()).slice(-keptErrorBytes);
    });
    try {
      const [code] = (await once(child, "close")) as [number | null];
      return { code, lastError: lastLine(said) };
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
      const message = isMissing ? `there is no ${program} on this machine` : `${program} could not be started`;
      const hint = isMissing ? "install OpenSSH, or log in from elsewhere: y copies the command" : undefined;
      throw new FailureError({ kind: "local", message, hint }, { cause: error });
    }
  });
}

/** The last line that says something. */
const lastLine = (text: string) =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .findLast((line) => line !== "") ?? "";

/** Writes a text beside the person; answers the path. */
function saveFile(name: string, text: string): string {
  const { file, fd } = newFile(name);
  try {
    writeFileSync(fd, text);
    return file;
  } catch (error) {
    rmSync(file, { force: true });
    throw unsaved(name, error);
  } finally {
    closeSync(fd);
  }
}

/** Writes bytes as they come; what breaks off is removed again. */
async function saveBytes(name: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const { file, fd } = newFile(name);
  try {
    for await (const chunk of chunks) await written(fd, chunk);
    return file;
  } catch (error) {
    rmSync(file, { force: true });
    throw error instanceof FailureError ? error : unsaved(name, error);
  } finally {
    closeSync(fd);
  }
}

async function written(fd: number, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) {
    at += await new Promise<number>((resolve, reject) =>
      write(fd, chunk, at, (error, count) => (error === null ? resolve(count) : reject(error))),
    );
  }
}

/** In the directory the room was started in, else at home; never one that is there. */
function newFile(name: string): { readonly file: string; readonly fd: number } {
  let failure: unknown;
  for (const directory of [process.cwd(), homedir()]) {
    for (let copy = 0; copy < 100; copy++) {
      const file = join(directory, copy === 0 ? name : name.replace(/(\.\w+)?$/, `-${copy}$1`));
      try {
        return { file, fd: openSync(file, "wx") };
      } catch (error) {
        failure = error;
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") break;
      }
    }
  }
  throw unsaved(name, failure);
}

function unsaved(name: string, error: unknown): FailureError {
  const why = error instanceof Error ? error.message : String(error);
  return new FailureError({ kind: "local", message: `${name} could not be saved: ${why}` });
}
