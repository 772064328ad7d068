// A lab whose runs go to a pod that is a real sshd on loopback.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { localExecutor, runEnvironment } from "../../../src/lab/executors/local.js";
import { sshExecutor } from "../../../src/lab/executors/ssh.js";
import { createHosts } from "../../../src/lab/hosts/hosts.js";
import type { RunParts } from "../../../src/lab/runs/parts.js";
import type { FakeSshd } from "../../fakes/sshd.js";
import { openLab } from "./runs-fixture.js";

export const podId = "pod1";

export type RemoteLab = Awaited<ReturnType<typeof openRemoteLab>>;

interface RemoteOptions {
  readonly slots?: number;
  readonly gpus?: number;
  /** Where runs are kept there. */
  readonly home?: string;
  readonly parts?: Partial<RunParts>;
  /** Connect at once; default true. */
  readonly connect?: boolean;
}

export async function openRemoteLab(dataDir: string, sshd: FakeSshd, options: RemoteOptions = {}) {
  const env = runEnvironment(process.env);
  const hosts = createHosts({
    dataDir,
    env,
    now: () => Date.now(),
    log: () => undefined,
    backoff: { fromMs: 20, toMs: 100, hopelessMs: 50 },
  });
  const local = localExecutor({ env });
  const remote = sshExecutor(hosts, () => Date.now());
  const connect = () => {
    const { port, username, identityFile } = sshd;
    const home = options.home ?? sshd.home;
    hosts.connect(podId, { name: "pod-x", host: "127.0.0.1", port, username, via: "direct", home, identityFile });
  };
  if (options.connect !== false) connect();
  const executorFor: RunParts["executorFor"] = (id) => (id === podId ? remote : local);
  const lab = await openLab(dataDir, { parts: { executorFor, hosts, ...options.parts } });
  const { store, services, runs } = lab;
  const now = Date.now();
  const row = { id: podId, lab_id: "elsewhere", provider: "ssh", name: "pod-x", gpu_type: "CPU", status: "running" };
  await store.db
    .insertInto("pods")
    .values({
      ...row,
      gpu_count: options.gpus ?? 0,
      status_reason: null,
      accepts_work: 0,
      slots: options.slots ?? 1,
      cost_per_hour_usd: null,
      started_at: now,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();

  const until = async (what: () => boolean, timeoutMs = 20_000) => {
    const deadline = Date.now() + timeoutMs;
    while (!what()) {
      await pause(10);
      if (Date.now() > deadline) throw new Error(`it does not come true: ${String(what)}\n${lab.said.join("\n")}`);
    }
  };
  const waitUp = () => until(() => hosts.state(podId)?.link === "up");
  if (options.connect !== false) await waitUp();

  return {
    ...lab,
    hosts,
    connect,
    waitUp,
    /** Waits for a plain fact, mostly about files. */
    untilSo: until,
    /** On the pod, whatever the scheduler would do. */
    async run(config: Record<string, unknown>, draft = {}) {
      // A GPU that this machine does not have keeps the scheduler away from it.
      const made = await lab.create({ slots: 1, ...config }, { computeMode: "H100", ...draft });
      const claimed = await services.experiments.claim(made._id, podId);
      if (claimed === undefined) throw new Error("somebody else has it");
      await runs.launch(claimed);
      return claimed;
    },
    here: (id: string, name: string) => join(dataDir, "runs", id, "1", name),
    there: (id: string, name: string) => join(sshd.home, "runs", id, "1", name),
    runRow: (id: string) =>
      store.db.selectFrom("runs").selectAll().where("experiment_id", "=", id).executeTakeFirstOrThrow(),
    async closeAll() {
      await lab.close();
      await remote.close();
      await hosts.close();
    },
    async detachAll() {
      await lab.detach();
      await remote.close();
      await hosts.close();
    },
  };
}

export const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
