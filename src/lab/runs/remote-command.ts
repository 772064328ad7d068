import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { agentRequests } from "../hosts/agent.js";
import type { Hello, Request } from "../hosts/ssh-connection.js";
import { type SshSession, whileReachable } from "../hosts/ssh-session.js";
import { type CommandHost, scriptPlaces } from "./command.js";
import type { SentFile } from "./local-command.js";
import type { RunParts } from "./parts.js";
import { isFile } from "./run-directory.js";

/** A link that does not come back within this is not waited for: the experiment goes back to the queue. */
const patienceMs = 20_000;

/** Another machine while a run is prepared on it. */
export interface RemoteSetup {
  readonly host: CommandHost;
  /** Absolute; the run's directory there. */
  readonly dir: string;
  /** Puts a file into `work/`. */
  send(file: SentFile): Promise<void>;
  /** Puts a file beside `work/`: it is nothing of the run's own. */
  sendBeside(file: SentFile): Promise<void>;
  /** What was put into `work/`: name and bytes. It is no output of the run. */
  readonly sent: ReadonlyMap<string, number>;
  end(): void;
}

/** Rejects with LinkError when the link is lost for longer than a moment. */
export function remoteSetup(parts: RunParts, session: SshSession, hello: Hello, runPath: string): RemoteSetup {
  const patience = whileReachable(session, patienceMs);
  const ask = <T>(request: () => Request<T> | Promise<Request<T>>) => session.insist(request, patience.signal);
  const dir = `${hello.home}/${runPath}`;
  const sent = new Map<string, number>();
  const send = async ({ file, name }: SentFile) => {
    await ask(() => agentRequests.putFile(`${dir}/work/${name}`, file));
    sent.set(name, (await stat(file)).size);
  };
  const sendBeside = async ({ file, name }: SentFile) => {
    await ask(() => agentRequests.putFile(`${dir}/${name}`, file));
  };
  const host: CommandHost = {
    home: hello.userHome,
    nice: 0,
    templates: parts.templates.map(({ name }) => name),
    node: () => ask(() => agentRequests.have("node")),
    templatesEntry: () => sendProgram(ask, hello.home, parts.templatesEntry),
    async findScript(script, cwd) {
      const scriptsDir = join(parts.dataDir, "scripts");
      const here = scriptPlaces(script, { cwd: undefined, scriptsDir, home: homedir() });
      const file = here.find(isFile);
      if (file !== undefined) {
        const name = basename(file);
        await send({ file, name });
        return `${dir}/work/${name}`;
      }
      const there = scriptPlaces(script, { cwd, scriptsDir: `${dir}/work`, home: hello.userHome });
      for (const path of there) if (await ask(() => agentRequests.isFile(path))) return path;
      return [...here, ...there.map((path) => `${path} on the pod`)];
    },
    isDirectory: (path) => ask(() => agentRequests.isDirectory(path)),
    // A PATH of the config's own is not searched: what is in it is known when the run starts.
    hasProgram: async (name, path) => path !== undefined || (await ask(() => agentRequests.have(name))) !== null,
  };
  return { host, dir, send, sendBeside, sent, end: patience.end };
}

type Ask = <T>(request: () => Request<T>) => Promise<T>;

/** Puts a bundle entry and the chunks it imports there, under the name of their content: once for all runs. */
async function sendProgram(ask: Ask, home: string, entry: string): Promise<string> {
  const files = programFiles(entry);
  const hash = createHash("sha256");
  for (const [name, content] of files) hash.update(`${name}\0`).update(content);
  const folder = `${home}/programs/${hash.digest("hex").slice(0, 16)}`;
  const path = `${folder}/${basename(entry)}`;
  // The entry is put last: where it is, the others are.
  if (await ask(() => agentRequests.isFile(path))) return path;
  await ask(() => agentRequests.put(`${folder}/package.json`, '{"type":"module"}\n'));
  for (const [name, content] of [...files].reverse()) {
    await ask(() => agentRequests.put(`${folder}/${name}`, content));
  }
  return path;
}

/** The entry first, then every chunk beside it that is imported from there. */
function programFiles(entry: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const add = (name: string) => {
    if (files.has(name)) return;
    const text = readFileSync(join(dirname(entry), name), "utf8");
    files.set(name, text);
    for (const [, chunk = ""] of text.matchAll(/(?:from|import)\s*\(?\s*["']\.\/([\w.-]+\.js)["']/g)) add(chunk);
  };
  add(basename(entry));
  return files;
}
