import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProviders } from "../../../src/lab/pods/providers.js";
import { openPods } from "./pods-fixture.js";

async function providersWith(env: NodeJS.ProcessEnv, { settings = {}, credentials = "" } = {}) {
  const lab = await openPods([]);
  const configDir = mkdtempSync(join(tmpdir(), "hubify-config-"));
  if (credentials !== "") writeFileSync(join(configDir, "credentials.json"), credentials, { mode: 0o600 });
  const said: string[] = [];
  const make = () =>
    createProviders({
      store: lab.store,
      clock: lab.clock,
      settings,
      env,
      configDir,
      hosts: { state: () => null, stat: () => Promise.reject(new Error("none")) },
      log: (line) => said.push(line),
    });
  return { make, configDir, said, lab };
}

test("without a key there is no RunPod, and it is said how to have one", async () => {
  const { make, configDir } = await providersWith({});
  expect(await make()).toEqual({
    providers: [],
    missing: {
      runpod: `no RunPod key: set RUNPOD_API_KEY or write {"runpodApiKey": "…"} to ${configDir}/credentials.json (mode 600), then restart the lab`,
    },
  });
});

test("a key of the environment or of the credentials file makes RunPod a provider; the config may leave it out", async () => {
  const names = async (...given: Parameters<typeof providersWith>) =>
    (await (await providersWith(...given)).make()).providers.map(({ name }) => name);
  expect(await names({ RUNPOD_API_KEY: "rpa_x" })).toEqual(["runpod"]);
  expect(await names({}, { credentials: '{"runpodApiKey": "rpa_x"}' })).toEqual(["runpod"]);
  expect(await names({ RUNPOD_API_KEY: "rpa_x" }, { settings: { runpod: { enabled: false } } })).toEqual([]);
  expect(await names({}, { settings: { hosts: [{ name: "box", host: "box.lan" }] } })).toEqual(["ssh"]);
});

test("a credentials file that others can read stops nothing but RunPod, and says so", async () => {
  const { make, configDir, said } = await providersWith({}, { credentials: '{"runpodApiKey": "rpa_secret"}' });
  chmodSync(join(configDir, "credentials.json"), 0o644);
  const { providers, missing } = await make();
  expect(providers).toEqual([]);
  expect(missing["runpod"]).toContain("open to others");
  expect(said.join()).not.toContain("rpa_secret");
});

test("a lab without a provider holds no timer", async () => {
  const { lab } = await providersWith({});
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  lab.fleet.start();
  await lab.fleet.look("runpod");
  await lab.pods.list(lab.labId);
  expect(timers()).toBe(before);
  await lab.stop();
});
