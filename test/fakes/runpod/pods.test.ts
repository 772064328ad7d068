import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Asking, startAsking } from "./asking.js";

describe("pods of the fake", () => {
  let asking: Asking;
  beforeEach(async () => {
    asking = await startAsking();
  });
  afterEach(() => asking.fake.close());

  const h200 = { name: "p", image: "a/b:c", gpu: { id: "NVIDIA H200", count: 2 }, ports: ["22/tcp"] };
  const create = async (more: object = {}) => {
    const { status, json } = await asking.ask("POST", "/v2/pods", { ...h200, ...more });
    expect(status).toBe(201);
    return json["id"] as string;
  };
  const act = (id: string, action: string) => asking.ask("POST", `/v2/pods/${id}/action`, { action });
  const get = async (id: string) => (await asking.ask("GET", `/v2/pods/${id}`)).json;

  test("a boot that never ends, is never placed or fails", async () => {
    const seen: unknown[] = [];
    for (const ends of ["never", "unplaced", "error"] as const) {
      asking.control.boot({ ends });
      const id = await create({ gpu: { id: "NVIDIA H200", count: 1 } });
      asking.control.advance(86_400_000);
      seen.push((await get(id))["status"]);
    }
    expect(seen).toEqual(["STARTING", "PROVISIONING", "ERROR"]);
  });

  test("creating takes from the stock of a data centre, stopping gives back", async () => {
    asking.control.capacity("NVIDIA H200", "*", 0);
    asking.control.capacity("NVIDIA H200", "EU-RO-1", 3);
    const id = await create();
    const refused = await asking.ask("POST", "/v2/pods", h200);
    expect(refused).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining("no longer any") as string },
    });
    asking.control.advance(60_000);
    await act(id, "stop");
    await create();
    expect(await act(id, "start")).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining("not enough free GPUs on the host") as string },
    });
  });

  test("too narrow a list of data centres and a missing count look like sold out", async () => {
    for (const more of [{ dataCenterIds: ["AP-JP-1"] }, { gpu: { id: "NVIDIA H200" } }]) {
      expect((await asking.ask("POST", "/v2/pods", { ...h200, ...more })).status).toBe(400);
    }
  });

  test("a resume without GPUs runs with none", async () => {
    const id = await create();
    asking.control.advance(60_000);
    await act(id, "stop");
    asking.control.quirks(id, { start: "zero" });
    await act(id, "start");
    asking.control.advance(60_000);
    expect(await get(id)).toMatchObject({ status: "RUNNING", gpu: { count: 0 }, cost: 0 });
  });

  test("a stop that answers 200 and does nothing, and one that takes its time", async () => {
    const id = await create();
    asking.control.advance(60_000);
    asking.control.quirks(id, { stop: "ignored" });
    expect((await act(id, "stop")).status).toBe(200);
    asking.control.advance(60_000);
    expect((await get(id))["status"]).toBe("RUNNING");
    asking.control.quirks(id, { stop: "works" });
    asking.control.defaults({ stopMs: 5000 });
    expect((await act(id, "stop")).json["status"]).toBe("RUNNING");
    asking.control.advance(5000);
    expect((await get(id))["status"]).toBe("EXITED");
  });

  test("the ports from before are shown for a while after a start", async () => {
    asking.control.defaults({ stalePortsMs: 90_000 });
    const id = await create();
    const port = async () => ((await get(id))["ssh"] as { direct: { port: number } | null }).direct?.port;
    asking.control.advance(60_000);
    const before = await port();
    await act(id, "restart");
    expect(await port()).toBeUndefined();
    asking.control.advance(10_000);
    expect(await port()).toBe(before);
    asking.control.advance(90_000);
    expect(await port()).not.toBe(before);
  });

  test("a patch of the container resets it, a new name does not", async () => {
    const id = await create();
    asking.control.advance(60_000);
    expect((await asking.ask("PATCH", `/v2/pods/${id}`, { name: "q" })).json["status"]).toBe("RUNNING");
    expect((await asking.ask("PATCH", `/v2/pods/${id}`, { env: { A: "1" } })).json["status"]).toBe("STARTING");
  });

  test("keys reach a pod only with startSsh and when they were there before", async () => {
    await asking.ask("PUT", "/v2/account/ssh-keys", { keys: ["ssh-ed25519 AAAA a"] });
    const [plain, withKeys] = [await create(), await create({ startSsh: true })];
    expect((await get(plain))["env"]).toEqual({});
    expect((await get(withKeys))["env"]).toEqual({ PUBLIC_KEY: "ssh-ed25519 AAAA a" });
  });

  test("a migrated pod has a new id and address, a vanished one is nowhere", async () => {
    const id = await create();
    asking.control.advance(60_000);
    const moved = asking.control.migrate(id);
    expect((await asking.ask("GET", `/v2/pods/${id}`)).status).toBe(404);
    expect(await get(moved)).toMatchObject({ name: "p", status: "RUNNING" });
    asking.control.vanish(moved);
    expect((await asking.ask("GET", "/v2/pods")).json["pods"]).toEqual([]);
  });

  test("a script of telemetry follows the container's time", async () => {
    const id = asking.control.addPod({ name: "t", gpu: { id: "NVIDIA H200", count: 2 }, ageMs: 0 });
    asking.control.telemetry(id, {
      kind: "script",
      steps: [
        { forMs: 60_000, util: [90, 80], memoryUtil: 70 },
        { forMs: 60_000, util: 0, memoryUtil: 70 },
      ],
    });
    const utils = async () => ((await get(id))["runtime"] as { gpus: { util: number }[] }).gpus.map(({ util }) => util);
    expect(await utils()).toEqual([90, 80]);
    asking.control.advance(60_000);
    expect(await utils()).toEqual([0, 0]);
  });
});
