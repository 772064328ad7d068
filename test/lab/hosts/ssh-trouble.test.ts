import { expect, test } from "vitest";
import { hostStat, parseStat } from "../../../src/lab/hosts/host-stat.js";
import { sshArgs, targetProblem } from "../../../src/lab/hosts/ssh-args.js";
import { passesByItself, sshTrouble } from "../../../src/lab/hosts/ssh-trouble.js";

// As OpenSSH 9 and 10 print them.
test.each([
  ["ssh: connect to host 10.0.0.1 port 22: Connection refused", "noSshd", true],
  ["ssh: connect to host 10.0.0.1 port 22: Connection timed out", "unreachable", true],
  ["Connection timed out during banner exchange", "unreachable", true],
  ["ssh: connect to host 10.0.0.1 port 22: No route to host", "unreachable", true],
  ["ssh: Could not resolve hostname pod: Name or service not known", "unreachable", true],
  ["kex_exchange_identification: read: Connection reset by peer", "unreachable", true],
  ["Timeout, server 10.0.0.1 not responding.\nclient_loop: send disconnect: Broken pipe", "unreachable", true],
  ["root@10.0.0.1: Permission denied (publickey,password).", "keyRefused", false],
  ["Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures", "keyRefused", false],
  [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n…\nHost key verification failed.",
    "hostKeyChanged",
    false,
  ],
  [
    "Permissions 0644 for 'key' are too open.\nWARNING: UNPROTECTED PRIVATE KEY FILE!\nroot@h: Permission denied (publickey).",
    "keyUnreadable",
    false,
  ],
  ['Load key "/x": error in libcrypto\nroot@h: Permission denied (publickey).', "keyUnreadable", false],
  ["channel 0: open failed: administratively prohibited: open failed", "tooManySessions", true],
  ["mux_client_request_session: session request failed: Session open refused by peer", "tooManySessions", true],
  ["Error: Your SSH client doesn't support PTY", "noDirectSsh", false],
  ["mkdir: cannot create directory '/root/.hubify': No space left on device", "diskFull", false],
  ["mkdir: cannot create directory '/root/.hubify': Read-only file system", "homeNotWritable", false],
  ["bash: line 1: exec: sh: not found", "noShell", false],
  ["something new", "unreachable", true],
  ["", "unreachable", true],
])("%j is %s", (stderr, code, passes) => {
  const trouble = sshTrouble(stderr);
  expect(trouble.code).toBe(code);
  expect(trouble.message).not.toBe("");
  expect(passesByItself(trouble)).toBe(passes);
});

test("an unknown word is shown as it is", () => {
  expect(sshTrouble("Bad thing\nworse thing\n").message).toBe("ssh: worse thing");
});

const target = {
  host: "pod.example",
  port: 34_446,
  username: "root",
  hostKeyAlias: "hubify-p1",
  identityFile: "/k",
  knownHostsFile: '/a b/%d"',
};

test("argv of ssh: nothing of it can be read as something else", () => {
  const args = sshArgs(target, "command");
  expect(args.slice(-3)).toEqual(["--", "pod.example", "command"]);
  expect(args).toContain('UserKnownHostsFile="/a b/%%d\\""');
  expect(args.join(" ")).toContain("-o IdentitiesOnly=yes -i /k -p 34446 -l root");
  expect(sshArgs({ ...target, identityFile: null }, "").join(" ")).not.toContain("IdentitiesOnly");
});

test.each([
  [{ host: "-oProxyCommand=x" }, "host"],
  [{ host: "a b" }, "host"],
  [{ host: "" }, "host"],
  [{ port: 0 }, "port"],
  [{ port: 65_536 }, "port"],
  [{ port: 1.5 }, "port"],
  [{ username: "-l" }, "user"],
  [{ username: "a;b" }, "user"],
])("%j can't be called", (change, word) => {
  expect(targetProblem({ ...target, ...change })).toContain(word);
});

test.each(["pod.example", "195.26.233.3", "fe80::1"])("%s can be called", (host) => {
  expect(targetProblem({ ...target, host })).toBeNull();
});

const stat = (change: Readonly<Record<string, string>>) =>
  Object.entries({
    now: "1000",
    "cpu ": "100 0 0 100 0 0 0 0",
    "MemTotal:": "1000 kB",
    "MemAvailable:": "400 kB",
    load: "1.5",
    disk: "1000 600 400",
    ...change,
  }).map(([name, value]) => `${name} ${value}`);

test("usage of a whole machine, from two readings", () => {
  const first = parseStat(stat({}), 1_000_000);
  const now = parseStat(stat({ "cpu ": "130 0 0 110 0 0 0 0" }), 1_001_000);
  expect(hostStat(null, first).sample.cpuPercent).toBeNull();
  expect(hostStat(first, now)).toMatchObject({
    sample: { cpuPercent: 75, memoryUsedBytes: 600 * 1024, memoryTotalBytes: 1000 * 1024, loadAverage: 1.5, gpus: [] },
    disk: { totalBytes: 1000 * 1024, freeBytes: 400 * 1024 },
    clockSkewMs: -500,
  });
});

test("usage of a container with limits of its own", () => {
  const limits = {
    "memory.max": "500000",
    "memory.current": "300000",
    "memory.inactive_file": "100000",
    "cpu.max": "200000 100000",
  };
  const first = parseStat(stat({ ...limits, "cpu.usage_usec": "0" }), 0);
  const now = parseStat(stat({ ...limits, "cpu.usage_usec": "1000000" }), 1000);
  expect(hostStat(first, now).sample).toMatchObject({
    cpuPercent: 50,
    memoryUsedBytes: 200_000,
    memoryTotalBytes: 500_000,
  });
});

test("limits that are none", () => {
  const none = { "memory.max": "max", "memory.current": "300000", "cpu.max": "max 100000", "cpu.usage_usec": "5" };
  const now = parseStat(stat(none), 1000);
  expect(hostStat(now, now).sample).toMatchObject({ cpuPercent: null, memoryTotalBytes: 1000 * 1024 });
  expect(hostStat(null, parseStat([], 0))).toMatchObject({
    sample: { memoryUsedBytes: null, loadAverage: null },
    disk: null,
    clockSkewMs: null,
  });
});
