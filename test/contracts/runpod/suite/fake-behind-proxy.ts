import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runpodClient } from "../../../../src/clients/runpod/index.js";
import { type FakeRunPod, startFakeRunPod } from "../../../fakes/runpod/start-fake-runpod.js";
import { type Contract, type Prism, startPrism } from "../tools.js";

const pod = {
  name: "exp-1",
  image: "runpod/pytorch:1.0.2",
  gpu: { id: "NVIDIA H200", count: 2 },
  ports: ["22/tcp", "8888/http"],
  env: { EXPERIMENT_ID: "EXP-1" },
  mounts: { persistent: { size: 100, path: "/workspace" } },
  dataCenterIds: ["EU-RO-1"],
  startSsh: true,
};

/** Every answer of the fake goes through Prism, which breaks the ones that are not as the contract has them. */
export function fakeBehindProxy(contract: Contract): void {
  describe(`the fake behind a proxy that holds ${contract.name}`, () => {
    let fake: FakeRunPod;
    let prism: Prism;
    beforeAll(async () => {
      fake = await startFakeRunPod();
      prism = await startPrism(contract, fake.url);
    }, 60_000);
    afterAll(async () => {
      prism.stop();
      await fake.close();
    });

    /** The JSON of an answer that has to have this status and to be as the contract says. */
    async function ask(
      expected: number,
      method: string,
      path: string,
      body?: unknown,
    ): Promise<Record<string, unknown>> {
      const response = await fetch(prism.url + path, {
        method,
        headers: { authorization: `Bearer ${fake.key}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      expect(response.headers.get("sl-violations"), `${method} ${path}`).toBeNull();
      expect(response.status, `${method} ${path}: ${text}`).toBe(expected);
      return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    }

    const create = async () => (await ask(201, "POST", "/v2/pods", pod))["id"] as string;

    test("a pod's life", async () => {
      const id = await create();
      const get = () => ask(200, "GET", `/v2/pods/${id}`);
      expect(await get()).toMatchObject({ status: "PROVISIONING", runtime: {}, startedAt: null });
      fake.control.advance(2000);
      expect(await get()).toMatchObject({ status: "STARTING", runtime: null, dataCenterId: "EU-RO-1" });
      fake.control.advance(6000);
      expect(await get()).toMatchObject({ status: "RUNNING", cost: 7.18, runtime: { uptime: 0 } });
      await ask(409, "POST", `/v2/pods/${id}/action`, { action: "start" });
      expect(await ask(200, "PATCH", `/v2/pods/${id}`, { name: "exp-1b", locked: true })).toMatchObject({
        locked: true,
      });
      await ask(409, "POST", `/v2/pods/${id}/action`, { action: "stop" });
      await ask(200, "PATCH", `/v2/pods/${id}`, { locked: false });
      await ask(200, "POST", `/v2/pods/${id}/action`, { action: "restart" });
      fake.control.advance(10_000);
      await ask(200, "POST", `/v2/pods/${id}/action`, { action: "stop" });
      expect(await get()).toMatchObject({ status: "EXITED", cost: 0, actions: ["start", "terminate"] });
      await ask(200, "POST", `/v2/pods/${id}/action`, { action: "start" });
      await ask(204, "POST", `/v2/pods/${id}/action`, { action: "terminate" });
      await ask(404, "GET", `/v2/pods/${id}`);
      const second = await create();
      await ask(204, "DELETE", `/v2/pods/${second}`);
      await ask(404, "DELETE", `/v2/pods/${second}`);
    });

    test("pages of pods, with and without clusters", async () => {
      for (let index = 0; index < 3; index++) await create();
      fake.control.addPod({ name: "member", cluster: { id: "cl1", rank: 0 }, ageMs: 0 });
      const first = await ask(200, "GET", "/v2/pods?limit=2");
      const { nextCursor, hasNextPage } = first["pagination"] as { nextCursor: string; hasNextPage: boolean };
      expect([(first["pods"] as unknown[]).length, hasNextPage]).toEqual([1, true]);
      const second = await ask(200, "GET", `/v2/pods?limit=2&cursor=${nextCursor}`);
      expect((second["pods"] as unknown[]).length).toBe(2);
      expect(second["pagination"]).toEqual({ nextCursor: null, hasNextPage: false });
      await ask(200, "GET", "/v2/pods?includeClusterPods=true");
    });

    test("telemetry as odd as the contract lets it be", async () => {
      const id = fake.control.addPod({ name: "odd" });
      for (const runtime of [null, {}, { uptime: 5 }, { gpus: [] }, { gpus: [{}], cpu: {} }]) {
        fake.control.telemetry(id, { kind: "raw", runtime });
        expect((await ask(200, "GET", `/v2/pods/${id}`))["runtime"]).toEqual(runtime);
      }
    });

    test("an answer that is not as the contract has it does not pass", async () => {
      const id = fake.control.addPod({ name: "wrong" });
      fake.control.override(id, { status: "SLEEPING" });
      const headers = { authorization: `Bearer ${fake.key}` };
      const response = await fetch(`${prism.url}/v2/pods/${id}`, { headers });
      expect([response.status, response.headers.get("sl-violations")]).toEqual([
        500,
        expect.stringContaining("status") as string,
      ]);
      fake.control.vanish(id);
    });

    test("catalogue, templates and volumes", async () => {
      const stock = "include=AVAILABILITY&product=POD";
      await ask(200, "GET", "/v2/catalog/gpus");
      await ask(200, "GET", `/v2/catalog/gpus?${stock}&count=8&cloud=SECURE&countryCodes=RO,US`);
      await ask(200, "GET", `/v2/catalog/gpus/NVIDIA%20H200?${stock}`);
      await ask(404, "GET", "/v2/catalog/gpus/none");
      await ask(200, "GET", "/v2/catalog/datacenters?include=GPU_AVAILABILITY&regions=EUROPE");
      await ask(200, "GET", `/v2/catalog/cpus?${stock}`);
      await ask(200, "GET", "/v2/catalog/templates?source=official");
      await ask(200, "GET", "/v2/templates");
      const volume = { name: "data", size: 200, dataCenter: "EU-RO-1" };
      const { id } = await ask(201, "POST", "/v2/network-volumes", volume);
      await ask(200, "GET", `/v2/network-volumes/${String(id)}`);
      await ask(200, "GET", "/v2/network-volumes");
      await ask(204, "DELETE", `/v2/network-volumes/${String(id)}`);
    });

    test("keys and bills", async () => {
      await ask(200, "PUT", "/v2/account/ssh-keys", { keys: ["ssh-ed25519 AAAAEXAMPLE a"] });
      expect(await ask(200, "GET", "/v2/account/ssh-keys")).toEqual({ keys: ["ssh-ed25519 AAAAEXAMPLE a"] });
      const id = fake.control.addPod({ name: "billed", ageMs: 3 * 3_600_000 });
      for (const query of ["bucketSize=hour&lastN=4", "bucketSize=day", `bucketSize=hour&lastN=2&podId=${id}`]) {
        const { records } = (await ask(200, "GET", `/v2/billing/pods?${query}`)) as { records: unknown[] };
        expect(records.length).toBeGreaterThan(0);
      }
      await ask(200, "GET", "/v2/billing?bucketSize=hour&lastN=2");
    });

    test("refusals", async () => {
      fake.control.fault({ status: 402, detail: "insufficient balance" });
      await ask(402, "POST", "/v2/pods", pod);
      fake.control.fault({ status: 429 });
      await ask(429, "GET", "/v2/pods");
      fake.control.fault({ status: 503 });
      await ask(503, "GET", "/v2/pods");
      fake.control.capacity("NVIDIA H200", "*", 0);
      const { detail } = await ask(400, "POST", "/v2/pods", pod);
      expect(detail).toContain("no longer any instances available");
      fake.control.capacity("NVIDIA H200", "*", 20);
    });

    test.each([
      ["a field it does not know", { ...pod, imageName: "x" }],
      ["one inside gpu", { ...pod, gpu: { ...pod.gpu, type: "x" } }],
      ["no name", { image: "x", gpu: pod.gpu }],
      ["no image and no template", { name: "x", gpu: pod.gpu }],
      ["a GPU count of 0", { ...pod, gpu: { id: "NVIDIA H200", count: 0 } }],
      ["another cloud", { ...pod, cloud: "MOON" }],
      ["a volume that is too small", { ...pod, mounts: { persistent: { size: 9, path: "/w" } } }],
      ["text for a number", { ...pod, disk: "50" }],
    ])("refuses %s, as the contract alone does", async (_what, body) => {
      const send = (url: string) =>
        fetch(`${url}/v2/pods`, {
          method: "POST",
          headers: { authorization: `Bearer ${fake.key}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const [own, contractual] = await Promise.all([send(fake.url), send(prism.url)]);
      expect([own.status, contractual.status]).toEqual([422, 422]);
      const { errors } = (await own.json()) as { errors: string[] };
      expect(errors[0]).toMatch(/^\$/);
    });

    test("our client goes the whole way through it", async () => {
      // Prism holds back event streams, and GraphQL is in no contract: the log and the balance go around it.
      const time = { now: () => Date.now(), random: () => 0.5, sleep: async () => undefined };
      const { pods, catalog, billing } = runpodClient({ apiKey: fake.key, baseUrl: prism.url, time });
      const { id } = await pods.create(pod);
      fake.control.advance(3_600_000);
      expect(await pods.get(id)).toMatchObject({ status: "RUNNING", cost: 7.18 });
      await pods.stop(id);
      expect((await pods.get(id))?.status).toBe("EXITED");
      expect((await pods.list()).some((one) => one.id === id)).toBe(true);
      expect((await catalog.gpus()).length).toBeGreaterThan(5);
      expect(await billing.pods({ span: { lastN: 2 }, podId: id })).toHaveLength(2);
      await pods.terminate(id);
      expect(await pods.get(id)).toBeNull();
      expect(await pods.delete(id)).toBe(false);
    });
  });
}
