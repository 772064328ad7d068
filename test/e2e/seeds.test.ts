import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFakeRunPod } from "../fakes/runpod/start-fake-runpod.js";
import { freshHome } from "./driver.js";
import { eventually, labOf, run, stopEverything } from "./lab.js";
import { seedCurls } from "./seed-curls.js";

const exec = promisify(execFile);
// The commands of the system's own documentation; Polyaxon's are a dialect of their own.
const curls = seedCurls()?.filter((command) => !command.includes("{{base_api_url}}")) ?? null;
if (curls === null)
  console.log("skipped: the seed documents (../shared/seeds) are not here, so their curl lines are not run");

const cleanups: (() => unknown)[] = [];
/** Placeholders of the documents, and what they are here. */
const ids = new Map<string, string>();
const lab = { url: "", token: "" };

interface Answer {
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly meta?: Readonly<Record<string, unknown>>;
}

const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
  const response = await fetch(`${lab.url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${lab.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Answer;
};

/** Runs a documented command as it stands there, base URL and ids aside. */
async function runCurl(command: string): Promise<Answer> {
  let here = command.replaceAll(/https:\/\/(www\.hubify\.com\/api|api\.hubify\.com)\/v1/g, `${lab.url}/v1`);
  for (const [there, id] of ids) here = here.replaceAll(there, id);
  const env = { PATH: process.env["PATH"] ?? "", HUBIFY_TOKEN: lab.token };
  const { stdout } = await exec("bash", ["-c", here.replace(/^curl /, "curl --silent --show-error ")], { env });
  return JSON.parse(stdout) as Answer;
}

const documented = (method: string, part: string): string => {
  const found = curls?.filter(
    (command) =>
      (/-X (\w+)/.exec(command)?.[1] ?? "GET") === method && command.split(/[\s"]/).some((word) => word.endsWith(part)),
  );
  if (found?.length !== 1 || found[0] === undefined)
    throw new Error(`${found?.length ?? 0} commands for ${method} …${part}`);
  used.add(found[0]);
  return found[0];
};
const used = new Set<string>();

const podStatus = async () =>
  ((await call("GET", `/pods/${ids.get("pod_abc123") ?? ""}`)).data as { status: string } | undefined)?.status;

beforeAll(async () => {
  if (curls === null) return;
  const { dir, clear } = freshHome();
  const fake = await startFakeRunPod();
  fake.control.boot({ provisioningMs: 100, startingMs: 100 });
  const env = { RUNPOD_API_KEY: fake.key, RUNPOD_API_BASE_URL: fake.url };
  cleanups.push(clear, fake.close, () => stopEverything(dir));
  await run(dir, ["lab", "start"], env);
  const found = await labOf(dir);
  if (found === null) throw new Error("no lab");
  lab.url = found.url;
  lab.token = readFileSync(found.tokenFile, "utf8").trim();
  const made = await call("POST", "/labs", { name: "Dark energy", slug: "dark-energy" });
  ids.set("j57a8k9m2n3p4q5r", (made.data as { id: string }).id);
  const key = await call("POST", "/auth/keys", { name: "docs", scopes: ["labs:read"], labId: "dark-energy" });
  ids.set("hfy_key_abc123...", (key.data as { key: string }).key);
  const session = await call("POST", "/auth/sessions", { agentId: "docs", labId: "dark-energy" });
  ids.set("eyJhbGciOiJS...", (session.data as { token: string }).token);
}, 60_000);

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, 60_000);

test.skipIf(curls === null)("experiments: every documented command gives the documented answer", async () => {
  const created = await runCurl(documented("POST", "/v1/experiments"));
  expect(created).toMatchObject({
    data: {
      experimentId: "EXP-054",
      title: "MCMC Chain, Planck 2018 + BAO",
      computeMode: "H200",
      priority: "high",
      estimatedSeconds: 7200,
      status: "queued",
      labId: ids.get("j57a8k9m2n3p4q5r"),
    },
    meta: { request_id: expect.stringMatching(/^req_/) as unknown, timestamp: expect.any(String) as unknown },
  });
  // "Stored as a string internally".
  const { config } = created.data as { config: string };
  expect(JSON.parse(config)).toMatchObject({
    script: "run_cobaya.py",
    env: { COBAYA_PACKAGES: "/workspace/packages" },
  });

  expect(await runCurl(documented("GET", "/experiments?labId=j57a8k9m2n3p4q5r&status=running"))).toMatchObject({
    data: expect.any(Array) as unknown,
  });
  expect(await runCurl(documented("GET", "/experiments/EXP-054"))).toMatchObject({ data: { experimentId: "EXP-054" } });

  // The documented PATCH unblocks; so it is blocked first.
  await call("PATCH", "/experiments/EXP-054", { status: "blocked" });
  expect(await runCurl(documented("PATCH", "/experiments/EXP-054"))).toMatchObject({
    data: { status: "queued", priority: "critical" },
  });
  expect(await runCurl(documented("GET", "level=error&limit=50"))).toMatchObject({ data: [] });
  expect(await runCurl(documented("GET", "/EXP-054/metrics"))).toHaveProperty("data");
  expect(await runCurl(documented("DELETE", "/experiments/EXP-054"))).toMatchObject({
    data: { experimentId: "EXP-054" },
  });
  expect(await call("GET", "/experiments/EXP-054")).toMatchObject({ error: { code: "not_found", status: 404 } });
});

test.skipIf(curls === null)(
  "pods, costs and settings: every documented command gives the documented answer",
  async () => {
    const created = await runCurl(documented("POST", "/v1/pods"));
    expect(created).toMatchObject({
      data: {
        gpuType: expect.stringContaining("H200") as unknown,
        provider: "runpod",
        labId: ids.get("j57a8k9m2n3p4q5r"),
      },
    });
    ids.set("pod_abc123", (created.data as { id: string }).id);
    await eventually(async () => ((await podStatus()) === "running" ? true : undefined));

    const { data: running } = await runCurl(documented("GET", "/pods?labId=j57a8k9m2n3p4q5r&status=running"));
    expect((running as { id: string }[]).map(({ id }) => id)).toContain(ids.get("pod_abc123"));
    expect(await runCurl(documented("GET", "/pods/pod_abc123"))).toMatchObject({
      data: { status: "running", idleMinutes: expect.any(Number) as unknown },
    });
    expect(await runCurl(documented("GET", "/pod_abc123/ssh"))).toMatchObject({
      data: { host: expect.any(String) as unknown, port: expect.any(Number) as unknown },
    });
    expect(await runCurl(documented("POST", "/pod_abc123/stop"))).toMatchObject({ data: { status: "stopped" } });
    expect(await runCurl(documented("POST", "/pod_abc123/restart"))).toHaveProperty("data");
    await eventually(async () => ((await podStatus()) === "running" ? true : undefined));
    expect(await runCurl(documented("POST", "/pod_abc123/terminate"))).toMatchObject({
      data: { status: "terminated" },
    });
    expect(await runCurl(documented("GET", "month=current"))).toMatchObject({
      data: { month: new Date().toISOString().slice(0, 7) },
    });
    expect(await runCurl(documented("PATCH", "/dark-energy/settings"))).toMatchObject({
      data: { idleAlertMinutes: 15, autoScheduleEnabled: true },
    });
  },
  60_000,
);

test.skipIf(curls === null)("the overview's two credentials are let in, and see the lab", async () => {
  const overview = curls?.filter((command) => command.includes("/v1/labs \\")) ?? [];
  expect(overview).toHaveLength(2);
  for (const command of overview) {
    used.add(command);
    expect(await runCurl(command)).toMatchObject({
      data: [{ slug: "dark-energy", experiment_count: 0 }],
      meta: { next_cursor: null, has_more: false },
    });
  }
  // Nothing of the documents was left out.
  expect(curls?.filter((command) => !used.has(command))).toEqual([]);
});
