import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Costs } from "../../src/contract/cost.js";
import { Experiment } from "../../src/contract/experiment.js";
import { Pod } from "../../src/contract/pod.js";
import { type FakeRunPod, startFakeRunPod } from "../fakes/runpod/start-fake-runpod.js";
import { type FakeSshd, sshdMissing, startSshd } from "../fakes/sshd.js";
import { freshHome, openRoom, type Room } from "./driver.js";
import { eventually, run, stopEverything } from "./lab.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, 90_000);

const usdPerHour = 2.69;

interface Account {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly fake: FakeRunPod;
  readonly sshd: FakeSshd;
}

/** A home whose lab has a RunPod account; its pods are a real sshd that lets in whom their environment names. */
async function account(): Promise<Account> {
  const { dir, clear } = freshHome();
  const sshd = await startSshd({ env: { HOME: join(dir, "pod") } });
  const fake = await startFakeRunPod();
  fake.control.boot({ provisioningMs: 400, startingMs: 800 });
  fake.control.defaults({ ssh: { host: "127.0.0.1", port: sshd.port, username: sshd.username } });
  fake.control.billing({ lagMs: 0, stepMs: 0 });
  const env = { RUNPOD_API_KEY: fake.key, RUNPOD_API_BASE_URL: fake.url };
  cleanups.push(
    clear,
    () => sshd.close(),
    fake.close,
    () => stopEverything(dir),
  );
  return { dir, env, fake, sshd };
}

function letIn({ fake, sshd }: Account, name: string): void {
  const { env } = fake.control.pod(name) as { env?: Record<string, string> };
  appendFileSync(join(sshd.dir, "authorized_keys"), `${env?.["PUBLIC_KEY"] ?? ""}\n`);
}

function open({ dir, env }: Account): Room {
  const room = openRoom({ home: dir, env, columns: 160, rows: 44 });
  cleanups.push(() => room.kill("SIGKILL"));
  return room;
}

const json = async ({ dir, env }: Account, ...args: string[]): Promise<unknown> =>
  JSON.parse((await run(dir, [...args, "--json"], env)).out) as unknown;
const podOf = async (at: Account, name: string) =>
  Pod.array()
    .parse(await json(at, "pods", "list"))
    .find((pod) => pod.name === name);
const experimentOf = async (at: Account, id: string) => Experiment.parse(await json(at, "experiments", "get", id));

const lines = 12_000;
/** Numbered lines, slowly enough that several cuts fall into them, and one output. */
const command = `i=0; while [ $i -lt ${lines} ]; do echo "line $i"; i=$((i+1)); [ $((i % 100)) = 0 ] && sleep 0.1; done; echo kept > result.txt; sha256sum result.txt`;

test.skipIf(sshdMissing !== null)(
  "a pod's life by keys: rented, deployed on, cut off five times, idle, stopped, paid for to the cent",
  async () => {
    const at = await account();
    const { fake, sshd, dir, env } = at;
    await run(dir, ["settings", "idleAlertMinutes=1"], env);
    const room = open(at);
    await room.until(/● live/);

    // Rented by keys: any H100, everything else as the form has it.
    room.press("3", "n");
    await room.until(/any H100/);
    room.press("down", "ctrl-s", "enter");
    await room.until(/creating/);
    const name = await eventually(async () => (fake.control.pods()[0] as { name: string } | undefined)?.name);
    letIn(at, name);
    await room.until(/H100 +● running/, 30_000);
    expect(fake.control.pods()).toHaveLength(1);

    // Deployed by key.
    const config = JSON.stringify({ command, outputs: ["result.txt"] });
    await run(dir, ["experiments", "create", "--title", "a chain", "--compute", "H100", "--config", config], env);
    await room.until(/EXP-001/);
    await eventually(async () => ((await podOf(at, name))?.status === "running" ? true : undefined));
    room.press("3", "j");
    await room.until(new RegExp(`▸ +${name.slice(0, 8)}`));
    room.press("d");
    await room.until(/Deploy which experiment/);
    room.press("enter");
    await room.until(/line \d+/, 40_000);

    // Cut off five times: the run goes on, and its log with it.
    let cuts = 0;
    await eventually(async () => {
      if (sshd.cut() > 0) cuts++;
      const before = (await experimentOf(at, "EXP-001")).logLines;
      await eventually(async () => {
        const { logLines, status } = await experimentOf(at, "EXP-001");
        return logLines > before || status !== "running" ? true : undefined;
      }, 40_000);
      return cuts >= 5 ? true : undefined;
    }, 120_000);
    const ended = await eventually(async () => {
      const row = await experimentOf(at, "EXP-001");
      return row.status === "pass" || row.status === "fail" ? row : undefined;
    }, 120_000);
    expect(ended).toMatchObject({ status: "pass", exitCode: 0, logLines: lines + 1 });
    const runDir = join(dir, "data", "lab", "runs", ended._id, "1");
    const printed = readFileSync(join(runDir, "out"), "utf8").split("\n").slice(0, lines);
    expect(printed).toEqual(Array.from({ length: lines }, (_, index) => `line ${index}`));
    expect(readFileSync(join(runDir, "work", "result.txt"), "utf8")).toBe("kept\n");

    // Nobody works there any more: the idle clock, the alert, and what it costs.
    fake.control.telemetry(name, { kind: "steady", util: 0 });
    await eventually(async () => (((await podOf(at, name))?.idleMinutes ?? 0) >= 1 ? true : undefined), 120_000);
    await room.until(/! 1 alert/, 60_000);
    room.press("A");
    await room.until(new RegExp(`${name} is idle for 1 min`));
    room.press("esc");

    // Stopped by key, and said only when it was read back.
    room.press("3", "x");
    await room.until(/Stop .+\?/);
    await room.until(/\$2\.69 an hour/);
    room.press("y");
    await room.until(/stopped/, 60_000);
    expect(fake.control.pod(name)).toMatchObject({ status: "EXITED" });

    // What the lab says it cost is what RunPod's clock and price make of it.
    const pod = fake.control.pod(name) as unknown as { id: string };
    const billed = billOf(fake, pod.id);
    const costs = Costs.parse(await json(at, "costs"));
    const ours = costs.pods.find((row) => row.name === name)?.monthUsd ?? 0;
    expect(Math.abs(ours - billed)).toBeLessThan(0.01);
    // A minute at least was for nothing, and less than all of it.
    const idle = costs.pods.find((row) => row.name === name)?.idleUsd ?? 0;
    expect(idle).toBeGreaterThan(usdPerHour / 60 / 2);
    expect(idle).toBeLessThan(ours);

    room.press("q");
    expect(await room.exited).toMatchObject({ exitCode: 0 });
    expect(room.raw()).not.toContain(fake.key);
  },
  420_000,
);

/** By hand: the hours between the pod's creation and its stop at its price. */
function billOf(fake: FakeRunPod, id: string): number {
  const asked = fake.control.requests();
  const timeOf = (method: string, path: RegExp) =>
    asked.find((each) => each.method === method && path.test(each.path))?.at ?? Number.NaN;
  const from = timeOf("POST", /\/v2\/pods$/);
  const until = timeOf("POST", new RegExp(`/v2/pods/${id}/action$`));
  return (usdPerHour * (until - from)) / 3_600_000;
}
