import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { agentRequests } from "../../../src/lab/hosts/agent.js";
import { createHosts, type Hosts } from "../../../src/lab/hosts/hosts.js";
import { type FakeSshd, sshdMissing, startSshd } from "../../fakes/sshd.js";

describe.skipIf(sshdMissing !== null)("hosts", () => {
  let dataDir = "";
  let sshd: FakeSshd;
  let hosts: Hosts;
  const said: string[] = [];
  const soon = { timeout: 15_000, interval: 20 };

  const open = (options: Partial<Parameters<typeof createHosts>[0]> = {}) => {
    hosts = createHosts({
      dataDir,
      env: process.env,
      now: () => Date.now(),
      log: (line) => said.push(line),
      backoff: { fromMs: 20, toMs: 100, hopelessMs: 50 },
      ...options,
    });
  };
  const access = (change = {}) => ({
    name: "pod-x",
    host: "127.0.0.1",
    port: sshd.port,
    username: sshd.username,
    via: "direct" as const,
    home: sshd.home,
    identityFile: sshd.identityFile,
    ...change,
  });
  const up = () => vi.waitFor(() => expect(hosts.state("p1")).toMatchObject({ link: "up" }), soon);
  const trouble = (code: string) =>
    vi.waitFor(() => {
      const state = hosts.state("p1");
      expect(state?.trouble?.code).toBe(code);
      return state;
    }, soon);

  describe("a host over ssh", () => {
    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), "hubify hosts %d-"));
      said.length = 0;
      sshd = await startSshd();
      open();
    });
    afterEach(async () => {
      await hosts.close();
      await sshd.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    test("is connected, asked, cut off, and connected again", async () => {
      hosts.connect("p1", access());
      await up();
      const session = hosts.session("p1")!;
      expect(hosts.state("p1")).toMatchObject({ trouble: null, hello: { system: "Linux", home: sshd.home } });
      expect(Math.abs(hosts.state("p1")?.clockSkewMs ?? Infinity)).toBeLessThan(5000);
      await hosts.stat("p1");
      const { sample, disk } = await hosts.stat("p1");
      expect(sample.memoryTotalBytes).toBeGreaterThan(0);
      expect(sample.loadAverage).not.toBeNull();
      expect(sample.gpuUtilPercent).toBeNull();
      expect(disk?.freeBytes).toBeGreaterThan(0);

      const links: string[] = [];
      session.onLink(({ link }) => links.push(link));
      // Asked again and again over cuts, every request is answered.
      const patience = new AbortController();
      for (let round = 0; round < 3; round++) {
        expect(sshd.cut()).toBeGreaterThan(0);
        expect(await session.insist(() => agentRequests.have("sh"), patience.signal)).toMatch(/sh$/);
      }
      expect(links.filter((link) => link === "up").length).toBeGreaterThanOrEqual(2);
    });

    test("a request that is lost on the way is refused, not repeated by itself", async () => {
      hosts.connect("p1", access());
      await up();
      const asked = hosts.session("p1")!.ask({ line: "put 10 x", read: ({ line }) => line() });
      sshd.cut();
      await expect(asked).rejects.toThrow("connection");
    });

    test("a host that falls silent is given up and tried again", async () => {
      await hosts.close();
      open({ silenceMs: 100 });
      hosts.connect("p1", access());
      await up();
      const asked = hosts.session("p1")!.ask({ line: "put 10 x", read: ({ line }) => line() });
      await expect(asked).rejects.toThrow("no answer within");
      await up();
    });

    test("stopped for a while it is down with a reason, and comes back", async () => {
      hosts.connect("p1", access());
      await up();
      await sshd.stop();
      const state = await trouble("noSshd");
      expect(state).toMatchObject({ name: "pod-x" });
      await expect(hosts.stat("p1")).rejects.toThrow("no sshd");
      await sshd.start();
      await up();
      expect(said).toEqual([
        "pod-x: connected",
        expect.stringContaining("connection"),
        expect.stringContaining("no sshd"),
        "pod-x: connected",
      ]);
    });

    test("a changed host key is refused until it is forgotten", async () => {
      hosts.connect("p1", access());
      await up();
      await sshd.stop();
      sshd.changeHostKey();
      await sshd.start();
      const state = await trouble("hostKeyChanged");
      expect(state?.trouble?.message).toContain("host key");
      hosts.forgetKey("p1");
      await up();
    });

    test("a key that is not on it", async () => {
      rmSync(join(sshd.dir, "authorized_keys"));
      hosts.connect("p1", access());
      expect((await trouble("keyRefused"))?.trouble?.message).toContain("your ssh key is not on it");
    });

    test("a key file that is not there", async () => {
      hosts.connect("p1", access({ identityFile: join(dataDir, "no key") }));
      await trouble("keyUnreadable");
    });

    test("a name that nobody knows, a relay, an address that is an option", async () => {
      hosts.connect("p1", access({ host: "no-such-host.invalid" }));
      expect((await trouble("unreachable"))?.trouble?.message).toContain("name is not known");
      hosts.connect("p1", access({ via: "proxy" }));
      await trouble("noDirectSsh");
      hosts.connect("p1", access({ host: "-oProxyCommand=touch /tmp/x" }));
      expect((await trouble("unreachable"))?.trouble?.message).toContain("can't be a host's name");
      expect(hosts.session("p1")).toBeNull();
      await expect(hosts.stat("p1")).rejects.toThrow("not usable");
    });

    test("another address of the same pod is another session; dropped it is gone", async () => {
      hosts.connect("p1", access());
      await up();
      const before = hosts.session("p1");
      hosts.connect("p1", access());
      expect(hosts.session("p1")).toBe(before);
      hosts.connect("p1", access({ host: "localhost" }));
      expect(hosts.session("p1")).not.toBe(before);
      await up();
      hosts.drop("p1");
      expect(hosts.state("p1")).toBeNull();
      await expect(before?.ask(agentRequests.have("sh"))).rejects.toThrow("not connected");
    });

    test("without the ssh program", async () => {
      await hosts.close();
      open({ program: "/nowhere/ssh" });
      hosts.connect("p1", access());
      await trouble("noSsh");
    });
  });

  /** Programs of its own before those of the system. */
  async function withPrograms(programs: Readonly<Record<string, string>>, only = false): Promise<FakeSshd> {
    const bin = mkdtempSync(join(tmpdir(), "hubify-bin-"));
    for (const [name, text] of Object.entries(programs))
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    if (only) for (const name of ["sh", "mkdir", "uname", "date"]) symlinkSync(`/bin/${name}`, join(bin, name));
    return await startSshd({ env: { PATH: only ? bin : `${bin}:/usr/bin:/bin` } });
  }

  describe("a strange host", () => {
    beforeEach(() => {
      dataDir = mkdtempSync(join(tmpdir(), "hubify-hosts-"));
      open();
    });
    afterEach(async () => {
      await hosts.close();
      await sshd.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    test("a clock that is an hour ahead is named, and does not stop anything", async () => {
      sshd = await withPrograms({ date: "echo $(($(/bin/date +%s) + 3600))" });
      hosts.connect("p1", access());
      await up();
      expect(hosts.state("p1")?.trouble).toMatchObject({
        code: "clockWrong",
        message: expect.stringContaining("60 min ahead") as string,
      });
      expect((await hosts.stat("p1")).clockSkewMs).toBeGreaterThan(3_500_000);
    });

    test("an image without setsid", async () => {
      sshd = await withPrograms({}, true);
      hosts.connect("p1", access());
      expect((await trouble("noShell"))?.trouble?.message).toContain("setsid");
    });

    test("a home that can't be written", async () => {
      sshd = await startSshd();
      hosts.connect("p1", access({ home: "/proc/nowhere" }));
      await trouble("homeNotWritable");
    });

    test("GPUs as nvidia-smi tells of them; what it does not know is null", async () => {
      const lines = [
        "1, GPU-b, NVIDIA H100, 80, 40000, 80000, 61, 500.10, 700.00",
        "0, GPU-a, NVIDIA H100, [N/A], [N/A], 80000, [N/A], 90.00, 700.00",
      ];
      sshd = await withPrograms({ "nvidia-smi": `cat <<'E'\n${lines.join("\n")}\nE` });
      hosts.connect("p1", access());
      await up();
      const { gpus, sample } = await hosts.stat("p1");
      expect(gpus.map(({ uuid }) => uuid)).toEqual(["GPU-a", "GPU-b"]);
      expect(sample).toMatchObject({ gpuUtilPercent: 80, gpuMemoryPercent: 50 });
      expect(sample.gpus[0]).toEqual({ utilPercent: null, memoryPercent: null, temperatureC: null, powerW: 90 });
    });

    test("a login that prints, and a home of its own choice", async () => {
      sshd = await startSshd({
        env: { HOME: mkdtempSync(join(tmpdir(), "hubify-home-")) },
        config: ['ForceCommand echo Welcome; echo; eval "$SSH_ORIGINAL_COMMAND"'],
      });
      mkdirSync(join(sshd.home, "x"));
      hosts.connect("p1", access());
      await up();
      expect(hosts.state("p1")?.hello?.home).toBe(sshd.home);
    });
  });
});
