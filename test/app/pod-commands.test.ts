import { describe, expect, it } from "vitest";
import type { AppEvent, AppState } from "../../src/app/store.js";
import type { Pod } from "../../src/contract/pod.js";
import { FailureError } from "../../src/core/failure.js";
import { experiment, nowMs, pod, room, stateOf } from "./fixtures.js";

const hourMs = 3_600_000;
const ssh = { host: "203.0.113.7", port: 34_446, username: "root", via: "direct" } as const;
const rented: Partial<Pod> = { volumeGb: 100, diskGb: 50, stoppedCostPerMonthUsd: 20, createdByLab: true, ssh };
const chainA = pod("chain-a", { ...rented, experiments: ["EXP-054"], slotsUsed: 1, unsynced: ["EXP-053"] });
const sweep = pod("sweep-1", { ...rented, gpuType: "H100", costPerHourUsd: 2.49, idleMinutes: 47 });
const off = pod("off", { ...rented, status: "stopped", ssh: null, costPerHourUsd: 0, runningCostPerHourUsd: 4 });
const locked = pod("locked", { ...rented, locked: true });
const gone = pod("gone", { ...rented, status: "terminated" });
const own = pod("local", { provider: "local", gpuType: "CPU", gpuCount: 0, costPerHourUsd: null, slots: 8 });
const pods = [chainA, sweep, off, locked, gone, own];

const queue = [
  experiment(54, { status: "running" }),
  experiment(56, { computeMode: "H100", estimatedSeconds: 2400, title: "anomaly sweep" }),
  experiment(57, { computeMode: "H200", priority: "high" }),
];

const at = (name: string, ...more: AppEvent[]) =>
  stateOf(
    { type: "experiments/received", rows: queue },
    { type: "pods/received", rows: pods },
    { type: "pods/selected", id: `p-${name}` },
    { type: "view/focused", pane: "pods" },
    ...more,
  );
const marked = (...names: string[]) =>
  at(names[0]!, ...names.map((name): AppEvent => ({ type: "pods/markToggled", id: `p-${name}` })));

/** Runs a command and answers its question with yes, or with the option. */
async function run(
  id: string,
  state: AppState,
  { choice, ...options }: Parameters<typeof room>[1] & { choice?: string } = {},
) {
  const opened = room(state, options);
  await opened.runner.run(id);
  const asked = opened.state().view.overlays.at(-1);
  if (asked?.kind === "confirm" || asked?.kind === "typed" || asked?.kind === "choose")
    await opened.runner.answerYes(choice);
  return { ...opened, asked, sent: opened.fake.calls, notice: opened.state().actions.notice };
}

const details = (asked: unknown) =>
  Object.fromEntries(
    ((asked as { details?: { name: string; text: string }[] }).details ?? []).map(({ name, text }) => [name, text]),
  );

describe("stopping", () => {
  it("names what is cut off, what is saved, what stays and what that costs", async () => {
    const { asked, sent, notice } = await run("pods.stop", at("chain-a"));
    expect(asked).toMatchObject({ kind: "confirm", question: "Stop chain-a?" });
    expect(details(asked)).toEqual({
      "Runs there": "EXP-054: cut off",
      Outputs: "of EXP-053: fetched home first, as far as that goes",
      Saved: "$4.00 an hour, once the stop is confirmed",
      Stays: "volume of 100 GB: ~$20.00 a month until it is terminated",
      Wiped: "container disk of 50 GB, all outside the volume",
      "Next start": "the GPU may be gone: others can rent it",
    });
    expect(sent).toEqual([["stop", "p-chain-a"]]);
    expect(notice).toMatchObject({ tone: "good", text: "chain-a is stopped, as read back" });
  });

  it("is not done before the pod was seen to have stopped", async () => {
    const { notice, state } = await run("pods.stop", at("chain-a"), { answers: { stop: () => chainA } });
    expect(notice).toMatchObject({ tone: "bad" });
    expect(notice?.text).toContain("Stop chain-a failed: not confirmed: chain-a is still running and goes on billing");
    expect(state().pods.rows[0]?.status).toBe("running");
  });

  it("of a pod without a volume, which wipes what is there, depends on its outputs coming home", async () => {
    const bare = pod("bare", { volumeGb: 0, unsynced: ["EXP-053"] });
    const { asked } = await run("pods.stop", at("bare", { type: "pods/received", rows: [bare] }));
    expect(details(asked)).toMatchObject({
      Outputs: "of EXP-053: fetched home first, if that fails, it is not stopped",
      Stays: "no volume: nothing stays, nothing costs",
    });
  });

  it("of a pod that somebody else made claims nothing of what runs or lies there", async () => {
    const foreign = pod("foreign", { createdByLab: false });
    const { asked } = await run("pods.stop", at("foreign", { type: "pods/received", rows: [foreign] }));
    expect(details(asked)).toMatchObject({
      "Runs there": "nothing known here",
      Outputs: "none known here: save what is yours first",
    });
  });

  it("is asked anew when an experiment has started there meanwhile", async () => {
    const { runner, store, fake, state } = room(at("sweep-1"));
    await runner.run("pods.stop");
    expect(details(state().view.overlays.at(-1))["Runs there"]).toBe("nothing");
    store.dispatch({ type: "pods/changed", row: { ...sweep, experiments: ["EXP-060"] } });
    await runner.answerYes();
    expect(fake.calls).toEqual([]);
    expect(details(state().view.overlays.at(-1))["Runs there"]).toBe("EXP-060: cut off");
    await runner.answerYes();
    expect(fake.calls).toEqual([["stop", "p-sweep-1"]]);
  });

  it("of a machine of one's own only keeps new work away, and promises no saving", async () => {
    const { asked, notice } = await run("pods.stop", at("local"));
    expect(asked).toMatchObject({ effect: "No new experiments start on it." });
    expect(details(asked)).toEqual({});
    expect(notice?.text).toBe("local takes no new experiments");
  });

  it("of several lists each, the sum, and those left out", async () => {
    const { asked, sent, state } = await run("pods.stop", marked("chain-a", "sweep-1", "locked"));
    expect(asked).toMatchObject({
      question: "Stop 2 pods?",
      effect: "1 of the marked can't be: they are left as they are.",
    });
    expect(details(asked)).toEqual({
      "chain-a": "saves $4.00 an hour; cuts off EXP-054, fetches outputs of EXP-053 first",
      "sweep-1": "saves $2.49 an hour; nothing runs there",
      Together: "saves $6.49 an hour; ~$40.00 a month stays for volumes",
    });
    expect(sent).toEqual([
      ["stop", "p-chain-a"],
      ["stop", "p-sweep-1"],
    ]);
    expect(state().pods.marked).toEqual([]);
  });

  it("adds up nothing that nobody knows", async () => {
    const unpriced = pod("unpriced", { costPerHourUsd: null });
    const { asked } = await run("pods.stop", {
      ...marked("chain-a", "unpriced"),
      pods: { ...marked("chain-a").pods, rows: [chainA, unpriced], marked: [chainA._id, unpriced._id] },
    });
    expect(details(asked)["Together"]).toBe("saves – an hour; – a month stays for volumes");
  });
});

describe("starting, restarting, terminating, locking", () => {
  it("a start says what it costs from now on", async () => {
    const { asked, sent, notice } = await run("pods.start", at("off"));
    expect(details(asked)).toMatchObject({ Costs: "$4.00 an hour from now on, work or no work" });
    expect(sent).toEqual([["start", "p-off"]]);
    expect(notice?.text).toBe("off is starting");
  });

  it("a restart says what is cut off; of a stopped pod it is a start", async () => {
    const { asked, sent } = await run("pods.restart", at("chain-a"));
    expect(details(asked)).toMatchObject({ "Runs there": expect.stringContaining("EXP-054: cut off") as string });
    expect(sent).toEqual([["pods.restart", "p-chain-a"]]);
    const start = await run("pods.restart", at("off"));
    expect(start.asked).toMatchObject({ effect: "It is stopped: this starts it." });
  });

  it("terminating asks for the name and says which outputs are lost", async () => {
    const { asked, sent, notice } = await run("pods.terminate", at("chain-a"));
    expect(asked).toMatchObject({ kind: "typed", expected: "chain-a" });
    expect(details(asked)).toMatchObject({
      Destroyed: "container disk of 50 GB and volume of 100 GB, at once; RunPod keeps no copy",
      Kept: "a network volume, if any: detached, it costs on",
      Outputs: "of EXP-053 are ONLY THERE: fetched first (or now: Esc, F); if that fails, nothing is done",
      Saved: "$4.00 an hour",
    });
    expect(sent).toEqual([["pods.terminate", "p-chain-a"]]);
    expect(notice?.text).toBe("chain-a is terminated");
  });

  it("stops without a volume although outputs are lost, for words; a refused stop says that it can", async () => {
    const bare = pod("bare", { ...rented, volumeGb: 0, unsynced: ["EXP-053"] });
    const state = at("bare", { type: "pods/received", rows: [...pods, bare] });
    const { asked, sent } = await run("pods.stopDiscarding", state);
    expect(asked).toMatchObject({ kind: "typed", expected: "discard bare" });
    expect(details(asked)).toMatchObject({ Outputs: "of EXP-053: fetched home first, LOST if that fails" });
    expect(sent).toEqual([["stop", "p-bare", { discardOutputs: true }]]);

    const refuse = () =>
      Promise.reject(new FailureError({ kind: "conflict", message: "bare: outputs can't be fetched" }));
    const refused = await run("pods.stop", state, { answers: { stop: refuse } });
    expect(refused.notice?.text).toContain("F fetches them; : Stop, outputs and all gives them up");
    for (const [name, why] of [
      ["chain-a", "its volume keeps the outputs: x stops it"],
      ["sweep-1", "every output is home: x stops it"],
      ["off", "off is stopped"],
    ] as const) {
      expect((await run("pods.stopDiscarding", at(name))).notice?.text).toBe(`Stop, outputs and all: ${why}`);
    }
  });

  it("locks and unlocks", async () => {
    expect((await run("pods.lock", at("chain-a"))).sent).toEqual([["pods.patch", "p-chain-a", { locked: true }]]);
    const { sent, notice } = await run("pods.lock", at("locked"));
    expect(sent).toEqual([["pods.patch", "p-locked", { locked: false }]]);
    expect(notice?.text).toBe("locked is unlocked");
  });

  it.each([
    ["pods.stop", "locked", "Stop: locked is locked: L unlocks"],
    ["pods.restart", "locked", "Restart: locked is locked: L unlocks"],
    ["pods.terminate", "locked", "Terminate: locked is locked: L unlocks"],
    ["pods.terminate", "local", "Terminate: a machine of your own can't be terminated"],
    ["pods.stop", "off", "Stop: off is stopped"],
    ["pods.start", "chain-a", "Start: chain-a is running"],
    ["pods.start", "gone", "Start: gone is terminated"],
    ["pods.shell", "off", "Shell: off is stopped"],
    ["pods.copySsh", "local", "Copy the ssh command: this is your machine"],
    ["pods.fetch", "sweep-1", "Fetch outputs: every output is home"],
    ["pods.deploy", "off", "Deploy here: off is stopped"],
    ["pods.postpone", "local", "Postpone auto-stop: a machine of your own is never stopped"],
    ["pods.dismiss", "chain-a", "Put away: chain-a is running"],
    ["pods.detail", "none", "Details: select a pod"],
  ])("%s on %s says why not", async (command, name, reason) => {
    const { sent, notice } = await run(command, at(name));
    expect([sent, notice?.text]).toEqual([[], reason]);
  });

  it("asks nothing of a pod that has not answered yet", async () => {
    const action = { id: 1, title: "Stop chain-a", target: "p-chain-a", startedAt: nowMs };
    const { sent, notice } = await run("pods.restart", at("chain-a", { type: "action/started", action }));
    expect([sent, notice?.text]).toEqual([[], "Restart: wait: Stop chain-a"]);
  });

  it("says what the provider said", async () => {
    const { notice } = await run("pods.start", at("off"), {
      answers: {
        start() {
          throw new FailureError({ kind: "conflict", message: "no free GPU on its host", hint: "n makes a new one" });
        },
      },
    });
    expect(notice?.text).toBe("Start off failed: no free GPU on its host · n makes a new one");
  });
});

describe("deploying", () => {
  const options = (asked: unknown) =>
    (asked as { options: { id: string; about: string; refusal: string | null }[] }).options;

  it("on a pod offers what is queued, what the lab proposes first, with time, money and why not", async () => {
    const proposing = pod("chain-b", {
      proposal: { id: "x57", experimentId: "EXP-057", reason: "fits, waits longest" },
    });
    const state = at("chain-b", { type: "pods/received", rows: [proposing] });
    const { asked, sent, notice } = await run("pods.deploy", state, { choice: "x57" });
    expect(options(asked)).toEqual([
      {
        id: "x57",
        label: "EXP-057 run 57",
        about: "H200 · high · proposed: fits, waits longest",
        refusal: null,
      },
      {
        id: "x56",
        label: "EXP-056 anomaly sweep",
        about: "H100 · normal · ~40 min, ~$2.67",
        refusal: "asks for H100, chain-b has H200",
      },
    ]);
    expect(sent).toEqual([["pods.deploy", "p-chain-b", "x57"]]);
    expect(notice?.text).toBe("EXP-057 is next on chain-b");
  });

  it("from the queue offers pods, idle ones that suit first", async () => {
    const state = at("chain-a", { type: "experiments/selected", id: "x56" });
    const { asked, sent } = await run("experiment.deploy", state, { choice: "p-sweep-1" });
    expect(options(asked).map(({ id, refusal }) => [id, refusal])).toEqual([
      ["p-sweep-1", null],
      ["p-local", null],
      ["p-off", "off is stopped"],
      ["p-locked", "asks for H100, locked has H200"],
      ["p-chain-a", "asks for H100, chain-a has H200"],
    ]);
    expect(options(asked)[0]?.about).toBe("1×H100 · $2.49/h · ~40 min, ~$1.66 · idle 47 min");
    expect(sent).toEqual([["pods.deploy", "p-sweep-1", "x56"]]);
  });

  it("from the queue only what is queued", async () => {
    const { notice } = await run("experiment.deploy", at("chain-a", { type: "experiments/selected", id: "x54" }));
    expect(notice?.text).toBe("Deploy on a pod: EXP-054 is not queued");
  });
});

describe("auto-stop", () => {
  const due = { ...sweep, autoStopAt: nowMs + hourMs / 2 };
  const state = at("sweep-1", { type: "pods/received", rows: [due] });

  it.each([
    ["1", { postponeAutoStopUntil: nowMs + 1.5 * hourMs }],
    ["6", { postponeAutoStopUntil: nowMs + 6.5 * hourMs }],
    ["never", { autoStop: false }],
    ["rule", { autoStop: null, postponeAutoStopUntil: null }],
  ])("is put off by %s", async (choice, patch) => {
    const { asked, sent } = await run("pods.postpone", state, { choice });
    expect(asked).toMatchObject({ kind: "choose", effect: "It is stopped for idleness in 30 min." });
    expect(sent).toEqual([["pods.patch", "p-sweep-1", patch]]);
  });

  it("says what each may cost", async () => {
    const { asked } = await run("pods.postpone", state, { choice: "1" });
    expect(asked).toMatchObject({
      options: [
        { about: "costs up to $2.49 if it idles on" },
        { about: "costs up to $14.94 if it idles on" },
        {},
        {},
        {},
      ],
    });
  });
});

describe("shell, copies and outputs", () => {
  it("lends the terminal to ssh with arguments of its own, never a command line", async () => {
    const { hostCalls, notice } = await run("pods.shell", at("chain-a"), {
      host: { sshFiles: () => ({ identity: "/lab/key", knownHosts: "/lab/hosts" }) },
    });
    expect(hostCalls).toEqual([
      [
        "shell",
        [
          "ssh",
          ...["-o", "IdentitiesOnly=yes", "-i", "/lab/key"],
          ...["-o", 'UserKnownHostsFile="/lab/hosts"'],
          ...["-o", "StrictHostKeyChecking=accept-new"],
          ...["-o", "HostKeyAlias=hubify-chain-a-203.0.113.7-34446"],
          ...["-p", "34446", "root@203.0.113.7"],
        ],
        "chain-a: ssh root@203.0.113.7 -p 34446 (exit comes back to the control room)",
      ],
    ]);
    expect(notice?.text).toBe("back from chain-a");
  });

  it("says why the login failed, since nobody could read it", async () => {
    const { notice } = await run("pods.shell", at("chain-a"), {
      host: { shell: async () => ({ code: 255, lastError: "Permission denied (publickey)." }) },
    });
    expect(notice).toMatchObject({ tone: "bad", text: "ssh to chain-a: Permission denied (publickey)." });
  });

  it.each([
    [{ ...ssh, host: "-oProxyCommand=x" }, "Shell: its address is not a host name"],
    [{ ...ssh, host: "a b" }, "Shell: its address is not a host name"],
    [{ ...ssh, username: "-l" }, "Shell: its user is not a user name"],
    [{ ...ssh, port: 0 }, "Shell: 0 is not a port"],
    [{ ...ssh, port: 70_000 }, "Shell: 70000 is not a port"],
  ])("does not run %j", async (bad, reason) => {
    const { hostCalls, notice } = await run(
      "pods.shell",
      at("bad", { type: "pods/received", rows: [pod("bad", { ssh: bad })] }),
    );
    expect([hostCalls, notice?.text]).toEqual([[], reason]);
  });

  it("copies the ssh command as a person types it, and the name", async () => {
    expect((await run("pods.copySsh", at("chain-a"))).hostCalls).toEqual([["copy", "ssh root@203.0.113.7 -p 34446"]]);
    expect((await run("pods.copyName", at("chain-a"))).hostCalls).toEqual([["copy", "chain-a"]]);
  });

  it("says why there is none", async () => {
    const bare = pod("bare", { sshReason: "22/tcp is not among its ports" });
    const { notice } = await run("pods.copySsh", at("bare", { type: "pods/received", rows: [bare] }));
    expect(notice?.text).toBe("Copy the ssh command: 22/tcp is not among its ports");
  });

  it("fetches outputs home", async () => {
    const { sent, notice } = await run("pods.fetch", at("chain-a"));
    expect(sent).toEqual([["pods.fetchOutputs", "p-chain-a"]]);
    expect(notice?.text).toBe("outputs of EXP-053 are home");
  });

  it("opens the log at its tab", async () => {
    const { state } = await run("pods.log", at("chain-a"));
    expect(state().view.overlays.at(-1)).toEqual({ kind: "pod", id: "p-chain-a", tab: "log" });
  });
});

describe("a new pod", () => {
  it("opens the form and asks for stock", async () => {
    const { state, sent } = await run("pods.new", at("chain-a"), { answers: { "pods.stock": () => [] } });
    expect(state().view.overlays.at(-1)).toEqual({ kind: "newPod", draft: {} });
    expect(sent).toEqual([["pods.stock"]]);
    expect(state().stock).toEqual({ rows: [], loading: false, at: nowMs, failure: null });
  });

  it("keeps what is known when asking fails", async () => {
    const { state } = await run("pods.stock", at("chain-a", { type: "stock/received", rows: [], at: 1 }), {
      answers: {
        "pods.stock"() {
          throw new FailureError({ kind: "auth", message: "key refused" });
        },
      },
    });
    expect(state().stock).toMatchObject({ rows: [], at: 1, failure: { message: "key refused" } });
  });

  it("is selected when the provider has taken it; else the form stays with what was said", async () => {
    const { runner, state, store } = room(at("chain-a"));
    store.dispatch({ type: "view/overlayOpened", overlay: { kind: "newPod", draft: {} } });
    expect(await runner.createPod({ gpuType: "NVIDIA H200" })).toBeNull();
    expect([state().view.overlays, state().pods.selectedId]).toEqual([[], "p-new"]);
    expect(state().pods.rows.at(-1)).toMatchObject({ status: "creating" });

    const refused = room(at("chain-a"), {
      answers: {
        "pods.create"() {
          throw new FailureError({ kind: "forbidden", status: 402, message: "balance too low" });
        },
      },
    });
    refused.store.dispatch({ type: "view/overlayOpened", overlay: { kind: "newPod", draft: {} } });
    expect(await refused.runner.createPod({ gpuType: "NVIDIA H200" })).toMatchObject({ message: "balance too low" });
    expect(refused.state().view.overlays).toHaveLength(1);
  });
});

it("nothing that changes anything is offered in read-only", () => {
  const { keymap } = room(at("chain-a"), { readOnly: true });
  const ids = keymap.commands.filter(({ scope }) => scope === "pods").map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["pods.detail", "pods.shell", "pods.copySsh"]));
  expect(ids.filter((id) => /start|stop$|restart|terminate|lock|new|deploy|fetch|postpone|idle/.test(id))).toEqual([]);
});
