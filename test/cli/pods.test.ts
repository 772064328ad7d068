import { describe, expect, it } from "vitest";
import type { Cli } from "../../src/cli/cli.js";
import { buildProgram } from "../../src/cli/program.js";
import type { Sink } from "../../src/contract/connection.js";
import type { Pod, PodLogLine, StockRow } from "../../src/contract/pod.js";
import { FailureError } from "../../src/core/failure.js";
import { fakeConnection, nowMs, pod } from "../app/fixtures.js";

const ssh = { host: "203.0.113.7", port: 34_446, username: "root", via: "direct" } as const;
const chainA = pod("chain-a", {
  providerId: "7h9k",
  experiments: ["EXP-054"],
  unsynced: ["EXP-053"],
  volumeGb: 100,
  stoppedCostPerMonthUsd: 20,
  ssh,
  createdByLab: true,
});
const locked = pod("locked", { locked: true });
const own = pod("here", { provider: "local", gpuCount: 0, gpuType: "CPU", costPerHourUsd: null });
const pods = [chainA, locked, own, pod("twin", { _id: "t1" }), pod("twin", { _id: "t2" })];

const stockRow = (changes: Partial<StockRow>): StockRow => ({
  provider: "runpod",
  gpuType: "NVIDIA H100 80GB HBM3",
  name: "H100 SXM",
  memoryGb: 80,
  maxCount: 8,
  cloud: "SECURE",
  costPerHourUsd: 2.69,
  stoppedUsdPerGbMonth: 0.2,
  stock: "HIGH",
  regions: [{ id: "EU-RO-1", name: "Romania", stock: "HIGH" }],
  ...changes,
});
const stock = [
  stockRow({}),
  stockRow({ gpuType: "NVIDIA H100 PCIe", name: "H100 PCIe", costPerHourUsd: 2.39, stock: "LOW" }),
  stockRow({ gpuType: "NVIDIA L40S", name: "L40S", costPerHourUsd: null, stock: "NONE" }),
];

type Answers = NonNullable<Parameters<typeof fakeConnection>[0]>;

/** Runs a command line with a person (or nobody) at the terminal. */
async function run(
  line: readonly string[],
  { answer = null, answers = {} }: { answer?: string | null; answers?: Answers } = {},
) {
  const fake = fakeConnection({ "pods.list": () => pods, "pods.stock": () => stock, ...answers });
  const said = { out: [] as string[], err: [] as string[], asked: [] as string[], ran: [] as (readonly string[])[] };
  const unused = () => {
    throw new Error("not used here");
  };
  const interrupt = new AbortController();
  const cli: Cli = {
    version: "0.0.0",
    out: (text) => void said.out.push(text),
    err: (text) => void said.err.push(text),
    connect: async () => fake.connection,
    api: async () => unused(),
    ask: async (question) => {
      said.asked.push(question);
      return answer;
    },
    run: async (argv) => {
      said.ran.push(argv);
      return 7;
    },
    sshFiles: () => ({ identity: "/lab/key", knownHosts: "/lab/hosts" }),
    lab: {
      start: unused,
      foreground: unused,
      stop: unused,
      status: unused,
      logFile: unused,
      backup: unused,
      restore: unused,
    },
    dataDir: () => "/data",
    nowMs: () => nowMs,
    interrupted: interrupt.signal,
  };
  const work = buildProgram(cli, async () => undefined).parseAsync(["node", "hubify-tui", "pods", ...line]);
  const outcome = work.then(
    () => null,
    (error: unknown) => (error instanceof FailureError ? error.failure : { message: String(error), kind: "usage" }),
  );
  const exitCode = () => {
    const code = process.exitCode;
    process.exitCode = undefined;
    return code;
  };
  return { ...said, fake, outcome, interrupt, exitCode };
}

async function done(...args: Parameters<typeof run>) {
  const ran = await run(...args);
  return { ...ran, failure: await ran.outcome, text: ran.out.join("\n"), told: ran.err.join("\n") };
}

const acts = (fake: ReturnType<typeof fakeConnection>) =>
  fake.calls.filter(([name]) => !["pods.list", "pods.stock"].includes(String(name)));

describe("looking", () => {
  it("lists the pods of a provider with money and reasons", async () => {
    const { text } = await done(["list", "--provider", "local"]);
    expect(text.split("\n")).toHaveLength(2);
    expect(text).toMatch(/^POD +KIND +STATUS/);
    expect(text).toMatch(/here +CPU +running/);
  });

  it("prints JSON that a script can read", async () => {
    const { text } = await done(["list", "--json"]);
    expect((JSON.parse(text) as Pod[]).map(({ name }) => name)).toEqual(["chain-a", "locked", "here", "twin", "twin"]);
  });

  it("says on stderr that a provider is down, and that one is not set up to who asks for it", async () => {
    const down = {
      name: "runpod",
      label: "RunPod",
      state: "down",
      since: nowMs - 300_000,
      reason: "RunPod refuses the key",
    };
    const off = { ...down, state: "off", reason: "no RunPod key: set RUNPOD_API_KEY" };
    const told = async (line: string[], provider: object, rows = pods) =>
      (await done(line, { answers: { "pods.providers": () => [provider], "pods.list": () => rows } })).told;
    expect(await told(["list", "--json"], down)).toBe("RunPod refuses the key, for 5 min");
    expect(await told(["list"], off)).toBe("");
    expect(await told(["list"], { ...down, state: "starting" }, [])).toBe("RunPod is asked for its pods …");
    expect(await told(["list"], { ...down, state: "ok" }, [])).toBe("");
    expect(await told(["list"], off, [])).toBe("no RunPod key: set RUNPOD_API_KEY");
    expect(await told(["list", "--provider", "runpod"], off, [own])).toBe("no RunPod key: set RUNPOD_API_KEY");
    expect(await told(["list", "--provider", "local"], down)).toBe("");
  });

  it("lists the pods of a lab that does not tell of its providers", async () => {
    const unknown = () => Promise.reject(new FailureError({ kind: "notFound", message: "no such route" }));
    const { failure, text } = await done(["list"], { answers: { "pods.providers": unknown } });
    expect([failure, text.split("\n").length]).toEqual([null, 6]);
  });

  it.each(["chain-a", "p-chain-a", "7h9k"])("finds one by name and ids: %s", async (ref) => {
    const { text } = await done(["get", ref]);
    expect(text).toContain("ssh      ssh root@203.0.113.7 -p 34446");
    expect(text).toContain("outputs  only there: EXP-053");
  });

  it("says what was probably meant, and which of several", async () => {
    expect((await done(["get", "chain-b"])).failure).toMatchObject({ kind: "notFound", hint: "did you mean chain-a?" });
    expect((await done(["get", "twin"])).failure).toMatchObject({ kind: "conflict", hint: "say which: t1, t2" });
  });

  it("shows stock with unknown prices as unknown", async () => {
    const { text } = await done(["stock"]);
    expect(text).toMatch(/H100 SXM +NVIDIA H100 80GB HBM3 +80 GB +\$2\.69 +high +secure +8 +EU-RO-1:high/);
    expect(text).toMatch(/L40S .* – +none/);
  });
});

describe("acting", () => {
  it("says what a stop does and costs, and does it on yes", async () => {
    const { fake, told, asked, text } = await done(["stop", "chain-a"], { answer: "y" });
    expect(told).toContain("Saved       $4.00 an hour");
    expect(told).toContain("Stays       volume of 100 GB: ~$20.00 a month");
    expect(asked).toEqual(["Stop chain-a? [y/N] "]);
    expect(acts(fake)).toEqual([["stop", "p-chain-a", {}]]);
    expect(text).toBe("chain-a is stopped: saves $4.00 an hour, its volume costs ~$20.00 a month");
  });

  it.each(["n", "", "nope"])("does nothing on %j", async (answer) => {
    const { fake, failure } = await done(["stop", "chain-a"], { answer });
    expect([acts(fake), failure]).toEqual([[], { kind: "aborted", message: "nothing was done" }]);
  });

  it("demands --yes where nobody can be asked", async () => {
    const { fake, failure } = await done(["terminate", "chain-a"]);
    expect(acts(fake)).toEqual([]);
    expect(failure).toMatchObject({ kind: "invalid", hint: "say --yes" });
  });

  it("asks nothing with --yes, but still says what is done", async () => {
    const { fake, asked, told } = await done(["terminate", "chain-a", "--yes", "--discard-outputs"]);
    expect(asked).toEqual([]);
    expect(told).toContain("of EXP-053 are ONLY THERE");
    expect(acts(fake)).toEqual([["pods.terminate", "p-chain-a", { discardOutputs: true }]]);
  });

  it("stops although outputs are lost only where that is said", async () => {
    const bare = pod("bare", { volumeGb: 0, unsynced: ["EXP-053"] });
    const { fake, told } = await done(["stop", "bare", "--yes", "--discard-outputs"], {
      answers: { "pods.list": () => [bare] },
    });
    expect(told).toContain("of EXP-053: fetched home first, LOST if that fails");
    expect(acts(fake)).toEqual([["stop", "p-bare", { discardOutputs: true }]]);
  });

  it("terminates only for the name", async () => {
    expect(acts((await done(["terminate", "chain-a"], { answer: "y" })).fake)).toEqual([]);
    expect(acts((await done(["terminate", "chain-a"], { answer: "chain-a" })).fake)).toHaveLength(1);
  });

  it("calls a stop one only when it was read back", async () => {
    const { failure, text } = await done(["stop", "chain-a", "-y"], { answers: { stop: () => chainA } });
    expect(failure).toMatchObject({
      kind: "conflict",
      message: "not confirmed: chain-a is still running and goes on billing",
    });
    expect(text).toBe("");
  });

  it("leaves locked pods alone", async () => {
    const { fake, failure } = await done(["stop", "locked", "--yes"]);
    expect(acts(fake)).toEqual([]);
    expect(failure).toMatchObject({ kind: "conflict", message: "locked is locked: it can't be stopped" });
  });

  it("starts without asking, and says the price", async () => {
    const off = pod("off", { status: "stopped", costPerHourUsd: 0, gpuType: "NVIDIA H100 PCIe", gpuCount: 2 });
    const { fake, asked, told, text } = await done(["start", "off"], { answers: { "pods.list": () => [off] } });
    expect([asked, acts(fake)]).toEqual([[], [["start", "p-off"]]]);
    // While it is stopped its own price is 0, which says nothing.
    expect(told).toContain("Costs  ~$4.78 an hour from now on");
    expect(text).toBe("off is starting");
  });
});

describe("creating", () => {
  const options = [
    "--gpu",
    "H100",
    "--count",
    "2",
    "--hours",
    "8",
    "--volume",
    "100",
    "--env",
    "A=1",
    "--env",
    "B=x=y",
    "--region",
    "EU-RO-1",
    "--name",
    "n",
  ];

  it("prints the price before it asks, and sends what was said, at no higher price", async () => {
    const { fake, told, asked, text } = await done(["create", ...options], { answer: "yes" });
    expect(told).toContain("Costs    $4.78–$5.38 an hour from now on");
    expect(told).toContain("Ends     after 8 h, terminated by the lab while it runs: $38.24–$43.04");
    expect(told).toContain("Stopped  ~$20.00 a month for 100 GB");
    expect(asked).toEqual(["Create n with 2×H100? [y/N] "]);
    expect(acts(fake)).toEqual([
      [
        "pods.create",
        {
          provider: "runpod",
          gpuType: "H100",
          gpuCount: 2,
          volumeSize: 100,
          diskSize: 50,
          env: { A: "1", B: "x=y" },
          regions: ["EU-RO-1"],
          cloud: "SECURE",
          maxHours: 8,
          maxHoursAction: "terminate",
          name: "n",
          maxCostPerHourUsd: 5.38,
        },
      ],
    ]);
    expect(text).toMatch(/^new is creating/);
  });

  it("rents nothing where nobody can be asked", async () => {
    const { fake, failure } = await done(["create", "--gpu", "H100"]);
    expect([acts(fake), failure?.kind]).toEqual([[], "invalid"]);
  });

  it.each([
    [["--count", "0"], "whole number"],
    [["--hours", "soon"], "a number above 0"],
    [["--env", "novalue"], "KEY=value"],
    [["--volume", "1.5"], "whole GB"],
  ])("refuses %j", async (bad, words) => {
    const { fake, told } = await done(["create", "--gpu", "H100", "--yes", ...bad]);
    expect(fake.calls).toEqual([]);
    expect(told).toContain(words);
  });

  it("waits until it runs, and tells what the provider says meanwhile", async () => {
    const ran = await run(["create", "--gpu", "H100", "--yes", "--wait"]);
    await expect.poll(() => ran.fake.sinks["pods"]?.length).toBe(1);
    const coming = pod("new", { status: "creating", lastSystemLine: "pulling image" });
    ran.fake.pods([coming]);
    ran.fake.pods([coming]);
    ran.fake.pods([{ ...coming, status: "running" }]);
    expect(await ran.outcome).toBeNull();
    expect(ran.err.filter((line) => line === "pulling image")).toHaveLength(1);
    expect(ran.out.join()).toContain("new runs");
    await expect.poll(() => ran.fake.sinks["pods"]?.length).toBe(0);
  });

  it("fails when it does not come up", async () => {
    const ran = await run(["create", "--gpu", "H100", "--yes", "--wait"]);
    await expect.poll(() => ran.fake.sinks["pods"]?.length).toBe(1);
    ran.fake.pods([pod("new", { trouble: { code: "zeroGpu", message: "came up without a GPU" } })]);
    expect(await ran.outcome).toMatchObject({ message: "new did not come up: came up without a GPU" });
  });
});

describe("ssh and logs", () => {
  it("becomes ssh, and passes its exit code on", async () => {
    const { ran, exitCode } = await done(["ssh", "chain-a"]);
    expect(ran).toHaveLength(1);
    expect(ran[0]?.slice(0, 5)).toEqual(["ssh", "-o", "IdentitiesOnly=yes", "-i", "/lab/key"]);
    expect(ran[0]?.slice(-3)).toEqual(["-p", "34446", "root@203.0.113.7"]);
    expect(exitCode()).toBe(7);
  });

  it("prints the command instead", async () => {
    const { text, ran } = await done(["ssh", "chain-a", "--print"]);
    expect([text, ran]).toEqual(["ssh root@203.0.113.7 -p 34446", []]);
  });

  it("says why nobody can log in", async () => {
    expect((await done(["ssh", "locked"])).failure).toMatchObject({
      kind: "conflict",
      message: "nobody can log in to locked: it has no ssh address",
    });
  });

  const line = (id: string, source: string, text: string): PodLogLine => ({
    id,
    at: Date.UTC(2026, 0, 1),
    source,
    line: text,
  });

  it("follows until Ctrl-C", async () => {
    const ran = await run(["logs", "-f", "chain-a"]);
    const sinks = () => ran.fake.sinks["pod log p-chain-a"] as Sink<readonly PodLogLine[]>[] | undefined;
    await expect.poll(() => sinks()?.length).toBe(1);
    sinks()?.[0]?.next([line("1", "system", "create container"), line("2", "container", "ready")]);
    sinks()?.[0]?.fail({ kind: "network", message: "cut" });
    ran.interrupt.abort();
    expect(await ran.outcome).toBeNull();
    expect(ran.out).toEqual(["2026-01-01T00:00:00.000Z [system] create container", "2026-01-01T00:00:00.000Z ready"]);
    expect(ran.err).toEqual(["cut"]);
  });

  it("without -f ends when it has been quiet", async () => {
    const ran = await run(["logs", "chain-a", "--json"]);
    const sinks = () => ran.fake.sinks["pod log p-chain-a"] as Sink<readonly PodLogLine[]>[] | undefined;
    await expect.poll(() => sinks()?.length).toBe(1);
    sinks()?.[0]?.next([line("1", "container", "ready")]);
    expect(await ran.outcome).toBeNull();
    expect(JSON.parse(ran.out[0] ?? "")).toMatchObject({ line: "ready" });
  });

  it("says why there is no log", async () => {
    const ran = await run(["logs", "chain-a"]);
    const sinks = () => ran.fake.sinks["pod log p-chain-a"];
    await expect.poll(() => sinks()?.length).toBe(1);
    sinks()?.[0]?.fail({ kind: "unsupported", message: "this machine has no log" });
    expect(await ran.outcome).toMatchObject({ message: "this machine has no log" });
  });
});
