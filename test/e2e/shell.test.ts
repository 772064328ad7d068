import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { startFakeRunPod } from "../fakes/runpod/start-fake-runpod.js";
import { freshHome, openRoom } from "./driver.js";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A room on RunPod alone with one running pod, and `ssh` on its PATH that does as it is told. */
async function roomWithPod(sshScript: string | null) {
  const fake = await startFakeRunPod();
  const { dir, clear } = freshHome();
  const bin = join(dir, "bin");
  mkdirSync(bin);
  if (sshScript !== null) {
    writeFileSync(join(bin, "ssh"), `#!/bin/sh\n${sshScript}\n`);
    chmodSync(join(bin, "ssh"), 0o755);
  }
  fake.control.addPod({ name: "chain-a", gpu: { id: "NVIDIA H200", count: 1 }, ageMs: 3_600_000 });
  const room = openRoom({
    home: dir,
    args: ["--runpod"],
    env: {
      PATH: sshScript === null ? bin : `${bin}:/usr/bin:/bin`,
      RUNPOD_API_BASE_URL: fake.url,
      RUNPOD_API_KEY: fake.key,
    },
  });
  cleanups.push(
    () => fake.close(),
    clear,
    () => room.kill("SIGKILL"),
  );
  await room.until((screen) => /chain-a .*● run/.test(screen) && /attach a lab/.test(screen));
  return room;
}

const count = (text: string, sequence: string) => text.split(sequence).length - 1;

test("a shell has the terminal to itself, cooked, and the control room comes back as it was", async () => {
  // stty tells whether the terminal is a person's again: echo and lines, not single keys.
  const room = await roomWithPod(
    'echo "args: $*"; stty -a | grep -q " icanon" && echo cooked; printf "remote> "; read line; echo "got $line"; exit 3',
  );
  const before = room.text();
  room.press("o");
  await room.until(/remote>/);
  const shell = room.text();
  expect(shell).toMatch(/args: .*StrictHostKeyChecking=accept-new .*-p \d+ root@[\d.]+/);
  expect(shell).toContain("cooked");
  expect(shell).not.toContain("3 Pods");
  // No answer of the terminal to the room was typed into it.
  expect(shell).not.toContain("^[");
  // Keys of the room are letters here.
  room.type("qx");
  room.press("enter");
  await room.until(/back from chain-a/);
  expect(count(room.raw(), "\x1b[?1049h")).toBe(2);
  expect(room.raw()).toContain("got qx");
  // Header and footer have news; the panes are where they were.
  const panes = (screen: string) => screen.split("\n").slice(1, 20);
  expect(panes(room.text())).toEqual(panes(before));
  expect(room.text()).toMatch(/▸ +chain-a/);
  // Raw again: a single key acts, and is not echoed.
  room.press("x");
  await room.until(/Stop chain-a\?/);
  room.press("esc");
  room.press("q");
  expect(await room.exited).toMatchObject({ exitCode: 0 });
}, 60_000);

test("a login that fails says why, after the screen is back", async () => {
  const room = await roomWithPod('echo "root@203.0.113.7: Permission denied (publickey)." >&2; exit 255');
  room.press("o");
  await room.until(/ssh to chain-a: root@203\.0\.113\.7: Permission denied \(publickey\)\./);
  await room.until(/3 Pods/);
}, 60_000);

test("without ssh on the machine it says so", async () => {
  const room = await roomWithPod(null);
  room.press("o");
  await room.until(/there is no ssh on this machine/);
  await room.until(/3 Pods/);
}, 60_000);
