// A real sshd on loopback for one test file: the user who runs the tests logs in with a key made for the occasion.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const program = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].find((path) => existsSync(path));

/** Why these tests can't run here; null where they can. */
export const sshdMissing: string | null =
  program === undefined
    ? "skipped: sshd is not installed (apt-get install openssh-server)"
    : process.platform === "linux"
      ? null
      : "skipped: runs on other machines need Linux";
if (sshdMissing !== null) process.stdout.write(`${sshdMissing}\n`);

export interface FakeSshd {
  readonly port: number;
  readonly username: string;
  readonly identityFile: string;
  /** A home for runs there. */
  readonly home: string;
  readonly dir: string;
  /** Kills every session's server process, as a lost network does, and answers how many there were. */
  cut(): number;
  /** Refuses connections until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Another host key from the next start on. */
  changeHostKey(): void;
  close(): Promise<void>;
}

export interface SshdOptions {
  /** Environment of the sessions: `PATH` for other programs. */
  readonly env?: Readonly<Record<string, string>>;
  /** More lines of sshd_config. */
  readonly config?: readonly string[];
}

const makeKey = (file: string) => {
  rmSync(file, { force: true });
  rmSync(`${file}.pub`, { force: true });
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
};

export async function startSshd(options: SshdOptions = {}): Promise<FakeSshd> {
  const dir = mkdtempSync(join(tmpdir(), "hubify-sshd-"));
  const port = await freePort();
  const at = (name: string) => join(dir, name);
  makeKey(at("host"));
  makeKey(at("user"));
  writeFileSync(at("authorized_keys"), readFileSync(at("user.pub")));
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const config = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host")}`,
    `PidFile ${at("sshd.pid")}`,
    `AuthorizedKeysFile ${at("authorized_keys")}`,
    "StrictModes no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "UsePAM no",
    "MaxStartups 100:30:200",
    ...(env.length > 0 ? [`SetEnv ${env.map((each) => `"${each}"`).join(" ")}`] : []),
    ...(options.config ?? []),
  ];
  writeFileSync(at("sshd_config"), `${config.join("\n")}\n`);
  mkdirSync(at("home"));
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });

  let server: ChildProcess | null = null;
  const start = async () => {
    if (server !== null) return;
    server = spawn(program ?? "sshd", ["-D", "-e", "-f", at("sshd_config"), "-E", at("log")], { stdio: "ignore" });
    await answers(port);
  };
  const cut = () => {
    const sessions = server?.pid === undefined ? [] : sshdsBelow(server.pid);
    for (const pid of sessions) killQuietly(pid);
    return sessions.length;
  };
  const stop = async () => {
    if (server === null) return;
    const gone = once(server, "exit");
    // Sessions first: their parent is how they are found.
    const sessions = sshdsBelow(server.pid ?? 0);
    server.kill("SIGKILL");
    for (const pid of sessions) killQuietly(pid);
    await gone;
    server = null;
  };
  await start();
  return {
    port,
    username: userInfo().username,
    identityFile: at("user"),
    home: at("home"),
    dir,
    cut,
    stop,
    start,
    changeHostKey: () => makeKey(at("host")),
    async close() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** sshd processes below a pid; not the shells and runs of the sessions. */
function sshdsBelow(root: number): number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const line = readFileSync(`/proc/${name}/stat`, "latin1");
        const parent = Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]);
        return [{ pid: Number(name), parent, isSshd: line.includes("(sshd") }];
      } catch {
        return [];
      }
    });
  const below = (parent: number): number[] =>
    all.filter((each) => each.parent === parent && each.isSshd).flatMap(({ pid }) => [pid, ...below(pid)]);
  return below(root);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function answers(port: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; ; ) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      const end = (up: boolean) => {
        socket.destroy();
        resolve(up);
      };
      // Its greeting, so that it is sshd and not only the port.
      socket.once("data", () => end(true)).once("error", () => end(false));
      socket.once("close", () => end(false));
    });
    if (isUp) return;
    if (Date.now() > deadline) throw new Error("sshd does not come up");
  }
}
