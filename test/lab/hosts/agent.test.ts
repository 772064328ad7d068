// The agent under every small shell that is here, over pipes: what it must do whatever image a pod has.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { wrapperFile } from "../../../src/lab/executors/executor.js";
import { agentRequests, parseEntry } from "../../../src/lab/hosts/agent.js";
import { agentFile } from "../../../src/lab/hosts/agent-text.js";
import { createAnswerReader } from "../../../src/lab/hosts/answer-reader.js";
import type { Request } from "../../../src/lab/hosts/ssh-connection.js";

const scratch = mkdtempSync(join(tmpdir(), "hubify-agent-"));
const script = readFileSync(agentFile, "utf8");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const has = (program: string) => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
};

interface Shell {
  readonly name: string;
  readonly argv: readonly string[];
  readonly path: string;
}

/** busybox with nothing but its own programs on PATH. */
function busybox(): Shell {
  const dir = join(scratch, "busybox");
  mkdirSync(dir);
  const program = execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
  const applets = execFileSync("busybox", ["--list"], { encoding: "utf8" }).trim().split("\n");
  for (const applet of applets) symlinkSync(program, join(dir, applet));
  return { name: "busybox ash", argv: [join(dir, "sh")], path: dir };
}

const shells: Shell[] = [];
for (const name of ["dash", "bash"]) {
  if (has(name)) shells.push({ name, argv: [name], path: process.env["PATH"] ?? "" });
}
if (has("busybox")) shells.push(busybox());
else process.stdout.write("skipped: the agent under busybox, which is not installed\n");

interface RunningAgent {
  readonly home: string;
  readonly process: ChildProcess;
  ask<T>(request: Request<T>): Promise<T>;
  raw(text: string): Promise<string>;
}
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

async function startAgent(shell: Shell, home = mkdtempSync(join(scratch, "home-")), env = {}): Promise<RunningAgent> {
  const [program = "sh", ...args] = shell.argv;
  const child = spawn(program, [...args, "-c", script, "hubify-agent", home], {
    env: { PATH: shell.path, HOME: "/nowhere", ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  started.push(child);
  const reader = createAnswerReader();
  child.stdout.on("data", (chunk: Buffer) => reader.push(chunk));
  const hello = [await reader.line(), await reader.line(), await reader.line()];
  expect(hello[0]).toMatch(/^hubify-agent 1 Linux \d+ setsid$/);
  expect(hello.slice(1)).toEqual([home, "/nowhere"]);
  return {
    home,
    process: child,
    async ask(request) {
      child.stdin.write(`${request.line}\n`);
      if (Buffer.isBuffer(request.body)) child.stdin.write(request.body);
      return await request.read(reader);
    },
    raw(text) {
      child.stdin.write(text);
      return reader.line();
    },
  };
}

const startRun = async (agent: RunningAgent, dir: string, cmd: string) => {
  await agent.ask(agentRequests.put("hubify-run.sh", readFileSync(wrapperFile)));
  await agent.ask(agentRequests.put(`${dir}/cmd`, cmd));
  await agent.ask(agentRequests.start(dir));
};
const read = (agent: RunningAgent, dir: string, off = 0, max = 1_000_000) =>
  agent.ask(agentRequests.read(dir, { off, max }));

describe.each(shells)("the agent under $name", (shell) => {
  test("puts whole files of any bytes and names, and gives them back from any offset", async () => {
    const agent = await startAgent(shell);
    const content = randomBytes(300_000);
    const path = "runs/a/work/with space and 'quote.bin";
    await agent.ask(agentRequests.put(path, content));
    expect(readFileSync(join(agent.home, path)).equals(content)).toBe(true);
    for (const [off, max] of [
      [0, 1e6],
      [1, 65_535],
      [65_536, 65_536],
      [65_537, 131_072],
      [299_999, 10],
      [300_000, 10],
      [400_000, 10],
    ] as const) {
      const got = await agent.ask(agentRequests.get(path, { off, max }));
      expect(got?.size).toBe(300_000);
      expect(got?.bytes.equals(content.subarray(off, off + max))).toBe(true);
    }
    const listed = await agent.ask(agentRequests.list("runs/a/work"));
    expect(listed).toEqual([
      { name: "with space and 'quote.bin", size: 300_000, changedAt: expect.any(Number) as number },
    ]);
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(await agent.ask(agentRequests.sum(path, 1000))).toBe(sha256);
    expect(await agent.ask(agentRequests.get("runs/none", { off: 0, max: 1 }))).toBeNull();
    await agent.ask(agentRequests.put("empty", ""));
    expect((await agent.ask(agentRequests.get("empty", { off: 0, max: 9 })))?.size).toBe(0);
  });

  test("a file that was cut off on the way is not put in place", async () => {
    const agent = await startAgent(shell);
    await agent.ask(agentRequests.put("x", "whole"));
    agent.process.stdin?.end("put 100 x\nonly this");
    await new Promise((resolve) => agent.process.once("exit", resolve));
    expect(readFileSync(join(agent.home, "x"), "utf8")).toBe("whole");
    const again = await startAgent(shell, agent.home);
    expect((await again.ask(agentRequests.list("."))).map(({ name }) => name)).toEqual(["x"]);
  });

  test("says in words what it can't write, and the next request is understood", async () => {
    const agent = await startAgent(shell);
    const refused = agent.ask(agentRequests.put("/proc/none/x", "a".repeat(100_000)));
    await expect(refused).rejects.toThrow(/none/);
    expect(await agent.raw("nonsense\n")).toBe("err nonsense");
    await expect(agent.ask(agentRequests.start("runs/none"))).rejects.toThrow("nothing to start");
  });

  test("a run started twice runs once, and is read to its end with its code", async () => {
    const agent = await startAgent(shell);
    expect((await read(agent, "runs/e/1")).life).toBe("missing");
    await agent.ask(agentRequests.put("runs/e/1/config.json", "{}"));
    expect((await read(agent, "runs/e/1")).life).toBe("none");
    await startRun(agent, "runs/e/1", "echo one; exit 7\n");
    await agent.ask(agentRequests.start("runs/e/1"));
    const last = await vi.waitFor(async () => {
      const seen = await read(agent, "runs/e/1");
      expect(seen.exit).not.toBeNull();
      return seen;
    });
    await agent.ask(agentRequests.start("runs/e/1"));
    expect(last).toMatchObject({ size: 4, exit: { code: 7 } });
    expect(last.bytes.toString()).toBe("one\n");
    expect(Math.abs((last.exit?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await read(agent, "runs/e/1", 4)).bytes).toHaveLength(0);
    expect(await read(agent, "runs/e/1", 99)).toMatchObject({ size: 4 });
  });

  test("signals the group and what left it, never a process that is somebody else's by now", async () => {
    const agent = await startAgent(shell);
    const marker = `m${String(started.length)}${agent.home.slice(-6)}:1`;
    await startRun(agent, "runs/e/1", `export HUBIFY_RUN=${marker}\nsetsid sleep 98 & sleep 99 & wait\n`);
    const running = await vi.waitFor(async () => {
      expect((await agent.ask(agentRequests.left(marker))).length).toBe(2);
      // The wrapper says that it runs a moment after it does.
      const seen = await read(agent, "runs/e/1");
      expect(seen).toMatchObject({ life: "running", exit: null });
      return seen;
    });
    expect(running.ageMs).toBeLessThan(60_000);
    expect(await agent.ask(agentRequests.left(`${marker}2`))).toEqual([]);
    expect(await agent.ask(agentRequests.left(marker.slice(0, -2)))).toEqual([]);
    expect(await agent.ask(agentRequests.kill("runs/e/1", { signal: "TERM", marker }))).toBe(true);
    await vi.waitFor(async () => {
      expect(await agent.ask(agentRequests.left(marker))).toEqual([]);
      expect((await read(agent, "runs/e/1")).exit?.code).toBe(143);
    });
    expect(await agent.ask(agentRequests.kill("runs/e/1", { signal: "TERM", marker }))).toBe(false);
    // A pid file that names this test's process with another start time.
    await agent.ask(
      agentRequests.put(
        "runs/f/1/pid",
        readFileSync(join(agent.home, "runs/e/1/pid"), "utf8").replace(/^\d+ \S+ \d+/, `1 1 ${String(process.pid)}`),
      ),
    );
    expect((await read(agent, "runs/f/1")).life).toBe("dead");
    expect(await agent.ask(agentRequests.kill("runs/f/1", { signal: "KILL", marker }))).toBe(false);
  });

  test("what may not start any more, doesn't", async () => {
    const agent = await startAgent(shell);
    expect(await agent.ask(agentRequests.forbid("runs/e/1"))).toBe(true);
    expect(await agent.ask(agentRequests.forbid("runs/e/1"))).toBe(false);
    await startRun(agent, "runs/e/1", "echo no\n");
    expect(await read(agent, "runs/e/1")).toMatchObject({ life: "starting", size: 0 });
  });

  test("lists files only, through links to files, and looks things up", async () => {
    const agent = await startAgent(shell);
    mkdirSync(join(agent.home, "w/sub"), { recursive: true });
    writeFileSync(join(agent.home, "w/sub/a"), "12345");
    symlinkSync("sub/a", join(agent.home, "w/link"));
    symlinkSync("sub", join(agent.home, "w/dirlink"));
    symlinkSync("nowhere", join(agent.home, "w/broken"));
    const names = (await agent.ask(agentRequests.list("w"))).map(({ name, size }) => `${name} ${String(size)}`);
    expect(names.sort()).toEqual(["link 5", "sub/a 5"]);
    expect((await agent.ask(agentRequests.list(join(agent.home, "w/sub/a"))))[0]).toMatchObject({ name: "", size: 5 });
    expect(await agent.ask(agentRequests.list("nowhere"))).toEqual([]);
    expect(await agent.ask(agentRequests.have("sh"))).toMatch(/sh$/);
    expect(await agent.ask(agentRequests.have("no-such-program"))).toBeNull();
    expect(await agent.ask(agentRequests.isFile("w/sub/a"))).toBe(true);
    expect(await agent.ask(agentRequests.isFile("w/sub"))).toBe(false);
    expect(await agent.ask(agentRequests.isDirectory("w/sub"))).toBe(true);
    const stat = await agent.ask(agentRequests.stat());
    expect(stat.map((line) => line.split(/[ :]/)[0])).toEqual(
      expect.arrayContaining(["now", "cpu", "MemTotal", "load", "disk"]),
    );
  });

  test("gives a run the environment of its container, but no key", async () => {
    const environ = join(scratch, "environ");
    writeFileSync(
      environ,
      [
        "PATH=/of/the/image:" + shell.path,
        "DATA=/workspace/a b",
        "HOME=/other",
        "RUNPOD_API_KEY=secret",
        "RUNPOD_POD_ID=p1",
        "bad-name=1",
      ].join("\0"),
    );
    const agent = await startAgent(shell, undefined, { HUBIFY_ENVIRON: environ });
    await startRun(agent, "runs/e/1", 'echo "$PATH|$DATA|$HOME|$RUNPOD_API_KEY|$RUNPOD_POD_ID"\n');
    await vi.waitFor(async () => {
      const { bytes, exit } = await read(agent, "runs/e/1");
      expect(exit).not.toBeNull();
      expect(bytes.toString()).toBe(`/of/the/image:${shell.path}|/workspace/a b|/nowhere||p1\n`);
    });
  });

  test("a file that shrinks does not put the answers out of step", async () => {
    const agent = await startAgent(shell);
    await agent.ask(agentRequests.put("big", randomBytes(200_000)));
    truncateSync(join(agent.home, "big"), 10);
    expect(await agent.ask(agentRequests.get("big", { off: 5, max: 100 }))).toMatchObject({ size: 10 });
    expect(await agent.ask(agentRequests.isFile("big"))).toBe(true);
  });
});

test("a name with a line's end is refused here", () => {
  expect(() => agentRequests.list("a\nkill KILL x y")).toThrow("line ends");
});

test.each([
  ["81a4 10 1700000000 ./a b", { name: "a b", size: 10, changedAt: 1_700_000_000_000 }],
  ["81a4 10 1700000000 /abs/file", { name: "", size: 10, changedAt: 1_700_000_000_000 }],
  ["41ed 10 1700000000 ./dir", null],
  ["nonsense", null],
])("%s is an entry", (line, entry) => {
  expect(parseEntry(line)).toEqual(entry);
});
