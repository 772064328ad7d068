import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { PodTrouble } from "../../contract/pod.js";
import { agentCommand, agentProtocol } from "./agent-text.js";
import { type AnswerReader, createAnswerReader } from "./answer-reader.js";
import { type SshTarget, sshArgs } from "./ssh-args.js";
import { sshTrouble } from "./ssh-trouble.js";

/** What the agent says of its host when it comes up. */
export interface Hello {
  /** `Linux`. */
  readonly system: string;
  readonly hasSetsid: boolean;
  /** Absolute; `runs/` is in it. */
  readonly home: string;
  /** The user's home, for `~/`. */
  readonly userHome: string;
  /** How far its clock is ahead of ours, ms; exact to a second or so. */
  readonly clockSkewMs: number;
}

/** The session ended or never came up; the trouble says why. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly trouble: PodTrouble;

  constructor(trouble: PodTrouble) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

/** The host could not do it, in its own words. A whole answer: the session goes on, and asking again gives the same. */
export class HostRefusal extends Error {
  override readonly name = "HostRefusal";
}

export type Answer = Pick<AnswerReader, "line" | "bytes">;

export interface Request<T> {
  /** Without newline. */
  readonly line: string;
  readonly body?: Buffer | AsyncIterable<Buffer> | undefined;
  /** Reads the whole answer and nothing behind it. */
  read(answer: Answer): Promise<T>;
  /** Longest silence; default 15 s. */
  readonly silenceMs?: number | undefined;
}

/** One ssh process with the agent at its far end. */
export interface SshConnection {
  /** Resolves when the agent has introduced itself. */
  readonly hello: Promise<Hello>;
  /** Resolves when it is over, with the reason. */
  readonly ended: Promise<PodTrouble>;
  /** One at a time. Rejects with LinkError when the connection ends first; then nobody knows whether it was done. */
  ask<T>(request: Request<T>): Promise<T>;
  kill(trouble?: PodTrouble): void;
}

export interface ConnectionOptions {
  readonly target: SshTarget;
  /** Where runs are kept there; empty: the agent's choice. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** ms UTC. */
  readonly now: () => number;
  readonly program?: string | undefined;
  readonly silenceMs?: number | undefined;
}

const defaultSilenceMs = 15_000;
/** ConnectTimeout, key exchange and login together. */
const helloMs = 25_000;
const keptStderr = 8192;
/** Lines that a login shell may print before the agent speaks. */
const mostNoise = 200;

export function openConnection(options: ConnectionOptions): SshConnection {
  const reader = createAnswerReader();
  const child = spawn(options.program ?? "ssh", sshArgs(options.target, agentCommand(options.home)), {
    env: plainLocale(options.env),
    stdio: "pipe",
  });
  const { ended, kill } = watchEnd(child, reader);
  let silence: NodeJS.Timeout | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    silence?.refresh();
    reader.push(chunk);
  });

  const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
    const what = { code: "unreachable", message: `no answer within ${Math.round(ms / 1000)} s` };
    silence = setTimeout(() => kill(what), ms);
    try {
      return await work;
    } catch (error) {
      // Half an answer was read: what follows would be taken for the next.
      const isWhole = error instanceof LinkError || error instanceof HostRefusal;
      if (!isWhole) kill({ code: "unreachable", message: `strange answer: ${String(error)}` });
      throw error;
    } finally {
      clearTimeout(silence);
    }
  };
  const send = async ({ line, body }: Request<unknown>) => {
    await write(child, Buffer.from(`${line}\n`));
    for await (const piece of body === undefined ? [] : Buffer.isBuffer(body) ? [body] : body) {
      await write(child, piece);
      silence?.refresh();
    }
  };

  return {
    hello: within(helloMs, readHello(reader, options.now)),
    ended,
    ask(request) {
      const answer = async () => {
        const [answered] = await Promise.all([request.read(reader), send(request)]);
        return answered;
      };
      return within(request.silenceMs ?? options.silenceMs ?? defaultSilenceMs, answer());
    },
    kill,
  };
}

function watchEnd(child: ChildProcessWithoutNullStreams, reader: AnswerReader) {
  let stderr = "";
  let known: PodTrouble | null = null;
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-keptStderr);
  });
  // A broken pipe is told by "close" as well, with better words.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<PodTrouble>((resolve) => {
    const end = (trouble: PodTrouble) => {
      reader.fail(new LinkError(trouble));
      resolve(trouble);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === "ENOENT";
      end({ code: "noSsh", message: isMissing ? "there is no ssh program on this machine" : error.message });
    });
    child.once("close", () => end(known ?? sshTrouble(stderr)));
  });
  const kill = (trouble?: PodTrouble) => {
    known ??= trouble ?? null;
    child.kill("SIGKILL");
    // Pipes that a ProxyCommand inherited may stay open after it.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  return { ended, kill };
}

/** Waits while the far side is slow to take it. After the end of the process it resolves: the answer never comes, and says why. */
function write(child: ChildProcessWithoutNullStreams, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    child.stdin.write(piece, () => resolve());
  });
}

async function readHello(answer: Answer, now: () => number): Promise<Hello> {
  for (let noise = 0; noise < mostNoise; noise++) {
    const words = (await answer.line()).split(" ");
    if (words[0] !== "hubify-agent") continue;
    const [, protocol, system = "", epoch, setsid] = words;
    const at = now();
    if (protocol !== agentProtocol) throw new Error(`its agent speaks protocol ${protocol}`);
    const [home, userHome] = [await answer.line(), await answer.line()];
    // The clock is told in whole seconds: half of one is as likely as none.
    const clockSkewMs = Number(epoch) * 1000 + 500 - at;
    return { system, hasSetsid: setsid === "setsid", home, userHome, clockSkewMs };
  }
  throw new Error("its login prints without end");
}

/** Troubles are read from ssh's words in English; and runs there do not inherit the locale of this machine. */
function plainLocale(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(LC_.*|LANG|LANGUAGE)$/.test(name)));
}
