import { expect, test } from "vitest";
import type { Pod } from "../../../src/contract/pod.js";
import { owner } from "../../../src/lab/access/actor.js";
import { createApp } from "../../../src/lab/http/app.js";
import type { Services } from "../../../src/lab/services/service.js";
import { failing, fakeProvider } from "../pods/fake-provider.js";
import { openPods } from "../pods/pods-fixture.js";

interface Body {
  readonly data?: Pod;
  readonly error?: { readonly code: string; readonly message: string };
}

/** The routes over the real pods, on a provider in memory. */
async function open() {
  const provider = fakeProvider();
  const lab = await openPods([provider]);
  const { labs, experiments, pods, store, clock, labId } = lab;
  const services = { labs, experiments, pods } as unknown as Services;
  const app = createApp({
    services,
    store,
    clock,
    actorOf: async (given) => Promise.resolve(given === "secret" ? owner : null),
    version: "1",
    requestsPerMinute: 1000,
    heartbeatMs: 20,
    onFault: (_, error) => {
      throw error;
    },
  });
  const ask = (method: string, path: string, { body, headers = {} }: { body?: unknown; headers?: object } = {}) =>
    Promise.resolve(
      app.request(path, {
        method,
        headers: { authorization: "Bearer secret", "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  const json = async (...asked: Parameters<typeof ask>) => {
    const answer = await ask(...asked);
    return { status: answer.status, ...((await answer.json()) as Body) };
  };
  const make = async () => {
    const { data } = await json("POST", "/v1/pods", { body: { labId, gpuType: "H200", name: "exp-pod" } });
    provider.set("new1", {
      status: "running",
      volumeGb: 0,
      ssh: { host: "203.0.113.7", port: 34446, username: "root", via: "direct" },
    });
    await lab.look();
    return data!;
  };
  return { ...lab, provider, ask, json, make };
}

const bytesOf = (answer: Response) => answer.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>;

test("a pod's life over REST", async () => {
  const { json, make, provider, create } = await open();
  const { id } = await make();
  expect((await json("GET", `/v1/pods/${id}`)).data).toMatchObject({ name: "exp-pod", status: "running" });
  expect((await json("GET", "/v1/pods/exp-pod")).data?.id).toBe(id);
  expect((await json("PATCH", `/v1/pods/${id}`, { body: { autoStop: false } })).status).toBe(200);
  const { experimentId } = await create();
  expect((await json("POST", `/v1/pods/${id}/deploy`, { body: { experimentId } })).data?.id).toBe(id);
  for (const [verb, status] of [
    ["restart", "running"],
    ["outputs", "running"],
    ["stop", "stopped"],
    ["start", "running"],
    ["terminate", "terminated"],
  ]) {
    expect((await json("POST", `/v1/pods/${id}/${verb}`)).data?.status, verb).toBe(status);
  }
  expect(provider.pods.size).toBe(0);
  expect((await json("GET", "/v1/pods/stock")).data).toHaveLength(1);
  expect((await json("GET", "/v1/pods/providers")).data).toMatchObject([{ name: "runpod", state: "ok" }]);
});

test("a new pod is 201; the same Idempotency-Key makes no second one", async () => {
  const { json, labId, provider } = await open();
  const asked = { body: { labId, gpuType: "H200" }, headers: { "idempotency-key": "once" } };
  const first = await json("POST", "/v1/pods", asked);
  const second = await json("POST", "/v1/pods", asked);
  expect([first.status, second.status, second.data?.id]).toEqual([201, 201, first.data?.id]);
  expect(provider.pods.size).toBe(1);
});

test("outputs are given up by query or body only", async () => {
  const { json, make, left } = await open();
  const { id } = await make();
  left.set(id, { ids: ["EXP-054"], reason: "link down" });
  const refused = await json("POST", `/v1/pods/${id}/stop`);
  expect([refused.status, refused.error?.code]).toEqual([409, "conflict"]);
  expect((await json("POST", `/v1/pods/${id}/stop`, { body: { discardOutputs: "yes" } })).status).toBe(422);
  expect((await json("POST", `/v1/pods/${id}/stop?discardOutputs=true`)).data?.status).toBe("stopped");
  const terminated = await json("POST", `/v1/pods/${id}/terminate`, { body: { discardOutputs: true } });
  expect(terminated.data?.status).toBe("terminated");
});

test("ssh says how to log in, or why nobody can", async () => {
  const { json, make, provider, look } = await open();
  const { id } = await make();
  expect((await json("GET", `/v1/pods/${id}/ssh`)).data).toEqual({
    host: "203.0.113.7",
    port: 34446,
    username: "root",
    via: "direct",
    command: "ssh root@203.0.113.7 -p 34446",
  });
  provider.set("new1", { ssh: null, sshReason: "no port is assigned yet" });
  await look();
  const { status, error } = await json("GET", `/v1/pods/${id}/ssh`);
  expect([status, error?.message]).toEqual([409, "exp-pod has no ssh: no port is assigned yet"]);
});

test("its log is an event stream of single lines with the provider's ids, alive when silent, resumed by the last of them", async () => {
  const { ask, make, provider } = await open();
  const { id } = await make();
  provider.line("new1", "pulling");
  provider.line("new1", "started");
  const answer = await ask("GET", `/v1/pods/${id}/logs?source=system&tail=5`);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const reader = bytesOf(answer);
  const decoder = new TextDecoder();
  let text = "";
  const until = async (part: string) => {
    while (!text.includes(part)) text += decoder.decode((await reader.read()).value);
  };
  await until(": ping");
  provider.line("new1", "up");
  await until('"up"');
  await reader.cancel();
  expect(text.match(/id: \d+/g)).toEqual(["id: 0", "id: 1", "id: 2"]);
  expect(text).toContain('data: {"ts":"","source":"system","line":"pulling"}');

  const resumed = await ask("GET", `/v1/pods/${id}/logs`, { headers: { "last-event-id": "1" } });
  const next = bytesOf(resumed);
  expect(decoder.decode((await next.read()).value)).toContain('"up"');
  await next.cancel();
});

test("what is refused keeps its status: unknown pods, logs that there are not, a provider that is away", async () => {
  const { json, make, provider, podId, labId } = await open();
  const { id } = await make();
  expect((await json("GET", "/v1/pods/nowhere/logs")).status).toBe(404);
  expect((await json("GET", `/v1/pods/${podId}/logs`)).status).toBe(422);
  expect((await json("POST", "/v1/pods/nowhere/stop")).status).toBe(404);
  expect((await json("POST", "/v1/pods", { body: { labId } })).status).toBe(422);
  provider.fail("restart", failing({ kind: "auth", message: "wrong key" }));
  const { status, error } = await json("POST", `/v1/pods/${id}/restart`);
  expect([status, error?.code, error?.message]).toEqual([409, "conflict", "exp-pod was not restarted: wrong key"]);
});
