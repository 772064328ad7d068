import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { HostRefusal, type Request } from "./ssh-connection.js";

/** What `read` tells of a run; names of `life` are the agent's own. */
export interface RunReading {
  readonly bytes: Buffer;
  /** Of the whole output there. */
  readonly size: number;
  readonly exit: { readonly code: number; readonly at: number } | null;
  readonly life: "missing" | "none" | "starting" | "running" | "orphan" | "dead" | "rebooted";
  readonly group: number | null;
  /** How long the command runs, by the host's monotonic clock. */
  readonly ageMs: number | null;
}

/** A file on the host. */
export interface RemoteFile {
  /** Relative to what was listed; empty for that itself. */
  readonly name: string;
  readonly size: number;
  /** ms, by the host's clock, whole seconds. */
  readonly changedAt: number;
}

/** USER_HZ of Linux. */
const ticksPerSecond = 100;
const lastLine = ".";

const number = (word: string | undefined): number | null => {
  const value = Number(word);
  return word === undefined || word === "-" || !Number.isFinite(value) ? null : value;
};

/** The words of a request: a path is the last one and may hold anything but a line's end. */
function words(...all: readonly (string | number)[]): string {
  const line = all.join(" ");
  if (/[\n\0]/.test(line)) throw new HostRefusal("names with line ends can't be used on other machines");
  return line;
}

async function readOk({ line }: { line(): Promise<string> }): Promise<void> {
  const answer = await line();
  if (answer !== "ok") throw new HostRefusal(refusalWords(answer.replace(/^fail /, "")));
}

/** The known ones shorter: programs name themselves and their files before they come to the point. */
function refusalWords(said: string): string {
  if (/No space left/.test(said)) return "its disk is full";
  if (/quota/i.test(said)) return "its disk quota is used up";
  if (/Read-only/i.test(said)) return "its disk is read-only";
  return said.trim().slice(0, 200);
}

function request<T>(line: string, read: Request<T>["read"], rest: Partial<Request<T>> = {}): Request<T> {
  return { ...rest, line, read };
}

/** The agent's requests (hubify-agent.sh). All may be sent again when nobody knows whether they were done. */
export const agentRequests = {
  put: (path: string, content: Buffer | string): Request<void> => {
    const body = Buffer.from(content as string);
    return request(words("put", body.length, path), readOk, { body });
  },
  /** The file's size is asked before: it must not change meanwhile. */
  putFile: async (path: string, file: string): Promise<Request<void>> => {
    const { size } = await stat(file);
    const body = size === 0 ? Buffer.alloc(0) : (createReadStream(file, { end: size - 1 }) as AsyncIterable<Buffer>);
    return request(words("put", size, path), readOk, { body });
  },
  start: (dir: string) => request(words("start", dir), readOk),
  forbid: (dir: string) =>
    request(words("forbid", dir), async ({ line }) => {
      return (await line()) === "ok";
    }),
  read: (dir: string, { off, max }: { off: number; max: number }) =>
    request<RunReading>(words("read", off, max, dir), async (answer) => {
      const [n, size, code, at, life, group, start, uptime] = (await answer.line()).split(" ");
      const bytes = await answer.bytes(count(n));
      const [exitCode, started, up] = [number(code), number(start), number(uptime)];
      return {
        bytes,
        size: count(size),
        exit: exitCode === null ? null : { code: exitCode, at: (number(at) ?? 0) * 1000 },
        life: life as RunReading["life"],
        group: number(group),
        ageMs: started === null || up === null ? null : Math.max(0, (up - started / ticksPerSecond) * 1000),
      };
    }),
  kill: (dir: string, { signal, marker }: { signal: "TERM" | "KILL"; marker: string }) =>
    request(words("kill", signal, marker, dir), async ({ line }) => (await line()) === "ok"),
  left: (marker: string) =>
    request(words("left", marker), async ({ line }) => (await line()).split(" ").filter(Boolean).map(Number)),
  stat: () => request("stat", ({ line }) => readLines(line)),
  list: (path: string) =>
    request(words("ls", path), async ({ line }) => (await readLines(line)).flatMap((entry) => parseEntry(entry) ?? [])),
  /** null: it is not there (any more), or can't be read. */
  get: (path: string, { off, max }: { off: number; max: number }) =>
    request(words("get", off, max, path), async (answer) => {
      const [n, size, changed] = (await answer.line()).split(" ");
      const bytes = await answer.bytes(count(n));
      if (size === undefined || size === "-") return null;
      return { bytes, size: count(size), changedAt: (number(changed) ?? 0) * 1000 };
    }),
  /** sha256 in hex; null where the host can't tell. Reading a large file takes its time: `silenceMs`. */
  sum: (path: string, silenceMs: number) =>
    request(words("sum", path), async ({ line }) => wordOrNull(await line()), { silenceMs }),
  /** Where a program is, as a shell there finds it. */
  have: (program: string) => request(words("have", program), async ({ line }) => wordOrNull(await line())),
  isFile: (path: string) => request(words("is", "f", path), async ({ line }) => (await line()) === "yes"),
  isDirectory: (path: string) => request(words("is", "d", path), async ({ line }) => (await line()) === "yes"),
};

const wordOrNull = (word: string) => (word === "-" || word === "" ? null : word);

/** A count that is none breaks the framing: the session is given up. */
function count(word: string | undefined): number {
  if (word === undefined || !/^\d+$/.test(word)) throw new Error(`"${word ?? ""}" is no count`);
  return Number(word);
}

async function readLines(line: () => Promise<string>): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const next = await line();
    if (next === lastLine) return lines;
    lines.push(next);
  }
}

const regularFile = 0x8000;
const fileType = 0xf000;

/** `8180 1714 1795321931 ./name`; null for what is no file of its own: sockets, devices, links to directories. */
export function parseEntry(line: string): RemoteFile | null {
  const [, mode, size, changed, path] = /^([0-9a-f]+) (\d+) (-?\d+) (.+)$/.exec(line) ?? [];
  if (mode === undefined || path === undefined) return null;
  if ((Number.parseInt(mode, 16) & fileType) !== regularFile) return null;
  const name = path.startsWith("./") ? path.slice(2) : "";
  return { name, size: Number(size), changedAt: Number(changed) * 1000 };
}
