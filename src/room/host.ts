import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Writes into the directory the room was started in, else at home; never over a file that is there. Answers the path. */
function saveFile(name: string, text: string): string {
  let failure: unknown;
  for (const directory of [process.cwd(), homedir()]) {
    for (let copy = 0; copy < 100; copy++) {
      const file = join(directory, copy === 0 ? name : name.replace(/(\.\w+)?$/, `-${copy}$1`));
      try {
        writeFileSync(file, text, { flag: "wx" });
        return file;
      } catch (error) {
        failure = error;
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") break;
      }
    }
  }
  const why = failure instanceof Error ? failure.message : String(failure);
  throw new FailureError({ kind: "local", message: `${name} could not be saved: ${why}` });
}
