import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { runpodClient } from "../../../src/clients/runpod/index.js";
import type { CreatePod } from "../../../src/clients/runpod/pod.js";
import { type Failure, toFailure } from "../../../src/core/failure.js";
import { type Asked, tinyServer } from "../http/server.js";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

type Answering = (asked: Asked, response: ServerResponse, count: number) => void;

/** A client of a server that answers so; what it sleeps is noted and takes no time. */
async function client(answer: Answering) {
  const server = await tinyServer(answer);
  const slept: number[] = [];
  const time = { now: () => Date.UTC(2026, 10, 22), random: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const runpod = runpodClient({ apiKey: "rpa_topsecret1", baseUrl: server.url, time });
  open.push(runpod.close, server.close);
  return { runpod, asked: server.asked, slept };
}

const json = (response: ServerResponse, body: unknown, status = 200) =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const problem = (response: ServerResponse, status: number, detail: string) =>
  void response
    .writeHead(status, { "content-type": "application/problem+json", "x-request-id": "req-1" })
    .end(JSON.stringify({ title: "Refused", status, detail }));

const failureOf = async (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => {
      throw new Error("did not fail");
    },
    (error: unknown) => toFailure(error),
  );

const body: CreatePod = { name: "exp-054-x7", image: "a/b:c", gpu: { id: "NVIDIA H200", count: 1 } };

describe("pods", () => {
  test("pages are followed until there is no next one, also over an empty one", async () => {
    const pages: Record<string, unknown> = {
      "": { pods: [{ id: "a" }], pagination: { nextCursor: "c1", hasNextPage: true } },
      c1: { pods: [], pagination: { nextCursor: "c2", hasNextPage: true } },
      c2: { pods: [{ id: "b" }], pagination: { nextCursor: null, hasNextPage: false } },
    };
    const { runpod, asked } = await client(({ url }, response) =>
      json(response, pages[new URL(url, "http://x").searchParams.get("cursor") ?? ""]),
    );
    expect((await runpod.pods.list()).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(asked).toHaveLength(3);
    expect(asked[0]?.headers.authorization).toBe("Bearer rpa_topsecret1");
  });

  test.each([[undefined], [null], [{}], [{ nextCursor: null, hasNextPage: true }], [{ nextCursor: "same" }]])(
    "pagination %j is the last page",
    async (pagination) => {
      const { runpod, asked } = await client((_asked, response) => json(response, { pods: [{ id: "a" }], pagination }));
      expect(await runpod.pods.list()).toHaveLength(1);
      expect(asked).toHaveLength(1);
    },
  );

  test("a cursor that stands still is not followed for ever", async () => {
    const pagination = { nextCursor: "again", hasNextPage: true };
    const { runpod, asked } = await client((_asked, response) => json(response, { pods: [], pagination }));
    await runpod.pods.list();
    expect(asked).toHaveLength(2);
  });

  test("get of an unknown one is null, of a forbidden one a failure, a delete of one that is gone is done", async () => {
    const { runpod, asked } = await client(({ url }, response) =>
      problem(response, url.includes("mine") ? 404 : 403, "pod not found"),
    );
    expect(await runpod.pods.get("mine/../x")).toBeNull();
    expect(asked[0]?.url).toBe("/v2/pods/mine%2F..%2Fx");
    expect(await runpod.pods.delete("mine")).toBe(false);
    expect(await failureOf(runpod.pods.get("other"))).toMatchObject({ kind: "forbidden", requestId: "req-1" });
  });

  test("actions take 200 with a pod and 204 without anything", async () => {
    const { runpod, asked } = await client(({ body: sent }, response) =>
      sent.includes("terminate") ? void response.writeHead(204).end() : json(response, { id: "p" }),
    );
    for (const act of ["start", "stop", "restart", "terminate"] as const) await runpod.pods[act]("p");
    expect(asked.map(({ method, url, body: sent }) => `${method} ${url} ${sent}`)).toEqual(
      ["start", "stop", "restart", "terminate"].map((action) => `POST /v2/pods/p/action {"action":"${action}"}`),
    );
  });

  test("410 is the API's end, never a pod's", async () => {
    const { runpod } = await client((_asked, response) => problem(response, 410, "Gone"));
    expect(await failureOf(runpod.pods.get("p"))).toMatchObject({ kind: "gone", hint: "update hubify-tui" });
  });

  test("a page of HTML from a gateway is not shown", async () => {
    const { runpod } = await client(
      (_asked, response) => void response.writeHead(502).end("<html>rpa_topsecret1</html>"),
    );
    expect((await failureOf(runpod.pods.list())).message).toBe("the server answered 502");
  });
});

describe("a create whose answer is lost", () => {
  /** The POST gets `lost`; the list has the pod from its `after`th time on. */
  const losing = (lose: (response: ServerResponse) => void, after: number) => {
    let lists = 0;
    return client(({ method }, response) => {
      if (method === "POST") {
        lose(response);
        return;
      }
      lists += 1;
      json(response, { pods: lists >= after ? [{ id: "other" }, { id: "p9", name: body.name }] : [{ id: "other" }] });
    });
  };
  const posts = (asked: readonly Asked[]) => asked.filter(({ method }) => method === "POST");

  test.each([
    ["cut", (response: ServerResponse) => void response.destroy()],
    ["502", (response: ServerResponse) => void response.writeHead(502).end("<html>")],
    ["half a JSON", (response: ServerResponse) => void response.writeHead(201).end('{"id":"p')],
  ])("%s: it is found by its name and never sent again", async (_name, lose) => {
    const { runpod, asked, slept } = await losing(lose, 2);
    expect(await runpod.pods.createOnce(body)).toMatchObject({ pod: { id: "p9" }, wasFound: true });
    expect(posts(asked)).toHaveLength(1);
    expect(slept).toEqual([0, 2000]);
  });

  test("that has not turned up: says so, and was sent once", async () => {
    const { runpod, asked } = await losing((response) => void response.destroy(), 99);
    const failure = await failureOf(runpod.pods.createOnce(body));
    expect(failure.kind).toBe("network");
    expect(failure.message).toContain('no pod "exp-054-x7" has turned up');
    expect(failure.hint).toContain("nothing was sent again");
    expect(posts(asked)).toHaveLength(1);
  });

  test("a refusal is no doubt: nothing is searched", async () => {
    const { runpod, asked } = await losing((response) => problem(response, 402, "insufficient balance"), 1);
    expect(await failureOf(runpod.pods.createOnce(body))).toMatchObject({ kind: "payment" });
    expect(asked).toHaveLength(1);
  });

  test("nor is a server that was never reached", async () => {
    const time = { now: () => 0, random: () => 0, sleep: async () => undefined };
    const runpod = runpodClient({ apiKey: "rpa_x", baseUrl: "http://127.0.0.1:1", time });
    open.push(runpod.close);
    const failure = await failureOf(runpod.pods.createOnce(body));
    expect(failure.message).toContain("cannot reach 127.0.0.1:1");
    expect(failure.message).not.toContain("was lost");
  });
});

describe("ssh keys", () => {
  const ours = "ssh-ed25519 AAAA1 me@laptop";

  test("a key is added to those that are there", async () => {
    const { runpod, asked } = await client(({ method, body: sent }, response) =>
      method === "GET" ? json(response, { keys: ["ssh-rsa BBBB2 other"] }) : json(response, JSON.parse(sent)),
    );
    expect(await runpod.account.addSshKey(`${ours}\n`)).toEqual(["ssh-rsa BBBB2 other", ours]);
    expect(asked[1]?.method).toBe("PUT");
  });

  test("the same key with another comment is there already", async () => {
    const { runpod, asked } = await client((_asked, response) => json(response, { keys: ["ssh-ed25519 AAAA1 x"] }));
    await runpod.account.addSshKey(ours);
    expect(asked).toHaveLength(1);
  });

  test("keys that can't be read are not written over", async () => {
    const { runpod, asked } = await client((_asked, response) => json(response, { sshKeys: [] }));
    expect((await failureOf(runpod.account.addSshKey(ours))).kind).toBe("decode");
    expect(asked).toHaveLength(1);
  });
});

describe("catalogue and bills", () => {
  test("stock is asked for, ids with spaces are one segment", async () => {
    const { runpod, asked } = await client(({ url }, response) =>
      json(response, url.startsWith("/v2/catalog/gpus?") ? { gpus: [{ id: "NVIDIA H200" }] } : { id: "NVIDIA H200" }),
    );
    await runpod.catalog.gpus({ count: 2, cloud: "SECURE" });
    await runpod.catalog.gpu("NVIDIA H200");
    expect(asked.map(({ url }) => url)).toEqual([
      "/v2/catalog/gpus?include=AVAILABILITY&product=POD&count=2&cloud=SECURE",
      "/v2/catalog/gpus/NVIDIA%20H200?include=AVAILABILITY&product=POD",
    ]);
  });

  test("hours of a bill in whole micro-dollars; the last still fills", async () => {
    const record = { podId: "p", totalAmount: 0.1 + 0.2, gpuAmount: 0.2, cpuAmount: 0.0000005, diskAmount: 0.1 };
    const { runpod, asked } = await client((_asked, response) =>
      json(response, {
        records: [
          { ...record, startTime: "2026-11-21T22:00:00Z", endTime: "2026-11-21T23:00:00Z" },
          { ...record, startTime: "2026-11-21T23:30:00Z", endTime: "2026-11-22T00:30:00Z" },
          { ...record, startTime: "soon" },
          { ...record, startTime: "2026-11-21T22:00:00Z", totalAmount: null },
        ],
      }),
    );
    const span = { sinceMs: Date.UTC(2026, 10, 21), untilMs: Date.UTC(2026, 10, 22) };
    const hours = await runpod.billing.pods({ span });
    expect(hours).toHaveLength(2);
    expect(hours[0]).toEqual({
      providerId: "p",
      hourAt: Date.UTC(2026, 10, 21, 22),
      micros: 300_000,
      gpuMicros: 200_001,
      diskMicros: 100_000,
      open: false,
    });
    expect(hours[1]?.open).toBe(true);
    expect(asked[0]?.url).toContain("startTime=2026-11-21T00%3A00%3A00.000Z");
    expect(asked[0]?.url).not.toContain("lastN");
  });
});

describe("balance", () => {
  const answer = (reply: unknown, status = 200) => client((_asked, response) => json(response, reply, status));

  test("is one query with the key in the header only", async () => {
    const { runpod, asked } = await answer({
      data: { myself: { clientBalance: 12.3456789, currentSpendPerHr: 0.35 } },
    });
    expect(await runpod.balance()).toEqual({ micros: 12_345_679, spendMicrosPerHour: 350_000, reason: null });
    expect(asked[0]).toMatchObject({ method: "POST", url: "/graphql" });
    expect(asked[0]!.url + asked[0]!.body).not.toContain("rpa_");
  });

  test.each([
    [{ errors: [{ message: "not authorized" }] }, 200, "not authorized"],
    [{ data: { myself: null } }, 200, "RunPod did not say"],
    [{ title: "Gone" }, 410, "RunPod has retired the one API that tells it"],
    [{ message: "bad key rpa_topsecret1" }, 401, "bad key rpa_***"],
    ["rubbish", 200, /unexpected answer/],
  ])("%j is unknown with its reason", async (reply, status, reason) => {
    const { runpod } = await answer(reply, status);
    const balance = await runpod.balance();
    expect(balance.micros).toBeNull();
    expect(balance.reason).toMatch(reason);
  });
});

test("every answer of v2 feeds the governor", async () => {
  const { runpod } = await client((_asked, response) => {
    response.setHeader("ratelimit-policy", '"minute";q=60;w=60');
    response.setHeader("ratelimit", '"minute";r=0;t=40');
    json(response, { pods: [] });
  });
  await runpod.pods.list();
  expect(runpod.governor.paceMs(5000)).toBe(40_000);
  expect(runpod.governor.state()).toMatchObject({ isNear: true });
});
