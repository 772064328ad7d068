import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Asking, startAsking } from "./asking.js";

describe("trouble of the fake", () => {
  let asking: Asking;
  beforeEach(async () => {
    asking = await startAsking();
  });
  afterEach(() => asking.fake.close());

  test("windows of requests are counted down, refuse, and open again", async () => {
    asking.control.limits({ minute: 2, hour: 100, day: 1000 });
    const first = await asking.ask("GET", "/v2/pods");
    expect(first.headers.get("ratelimit-policy")).toBe('"minute";q=2;w=60, "hour";q=100;w=3600, "day";q=1000;w=86400');
    expect(first.headers.get("ratelimit")).toBe('"minute";r=1;t=60, "hour";r=99;t=3600, "day";r=999;t=86400');
    asking.control.advance(20_000);
    await asking.ask("GET", "/v2/pods");
    const refused = await asking.ask("GET", "/v2/pods");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "40"]);
    asking.control.advance(40_000);
    expect((await asking.ask("GET", "/v2/pods")).status).toBe(200);
    asking.control.limits(null);
    expect((await asking.ask("GET", "/v2/pods")).headers.get("ratelimit")).toBeNull();
  });

  test("keys: missing, unknown, revoked, without the right, read only", async () => {
    asking.control.key("rpa_READ", { readOnly: true, deny: ["billing"] });
    const statuses = [
      (await fetch(`${asking.fake.url}/v2/pods`)).status,
      (await asking.ask("GET", "/v2/pods", undefined, "rpa_OTHER")).status,
      (await asking.ask("GET", "/v2/pods", undefined, "rpa_READ")).status,
      (await asking.ask("POST", "/v2/pods", {}, "rpa_READ")).status,
      (await asking.ask("GET", "/v2/billing", undefined, "rpa_READ")).status,
    ];
    asking.control.key("rpa_READ", { revoked: true });
    expect([...statuses, (await asking.ask("GET", "/v2/pods", undefined, "rpa_READ")).status]).toEqual([
      401, 401, 200, 403, 403, 401,
    ]);
  });

  test("the retired API, an unknown path and a wrong method say what they are, with a request id", async () => {
    for (const [method, path, status] of [
      ["GET", "/v1/pods", 410],
      ["GET", "/v2/nothing", 404],
      ["PUT", "/v2/pods", 405],
    ] as const) {
      const told = await asking.ask(method, path);
      expect([told.status, told.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
      expect(told.headers.get("x-request-id")).toMatch(/^req_/);
    }
  });

  test("an answer that is lost after the pod was made, and one lost before", async () => {
    const body = { name: "p", image: "a", gpu: { id: "NVIDIA H200", count: 1 } };
    asking.control.fault({ method: "POST", path: "/v2/pods", lost: "after" });
    await expect(asking.ask("POST", "/v2/pods", body)).rejects.toThrow();
    expect(asking.control.pods()).toHaveLength(1);
    asking.control.fault({ method: "POST", lost: "before" });
    await expect(asking.ask("POST", "/v2/pods", body)).rejects.toThrow();
    expect(asking.control.pods()).toHaveLength(1);
    expect(asking.control.requests().map(({ status }) => status)).toEqual([null, null]);
  });

  test("a gateway's HTML, half an answer, the third of many, and a service that is away", async () => {
    const text = async () => (await fetch(`${asking.fake.url}/v2/pods`, auth())).text();
    const auth = () => ({ headers: { authorization: `Bearer ${asking.fake.key}` } });
    asking.control.fault({ status: 502, body: "<html>Bad gateway</html>" });
    expect(await text()).toBe("<html>Bad gateway</html>");
    asking.control.fault({ cutAfterBytes: 5 });
    await expect(text()).rejects.toThrow();
    asking.control.fault({ status: 500, after: 1 });
    expect([(await asking.ask("GET", "/v2/pods")).status, (await asking.ask("GET", "/v2/pods")).status]).toEqual([
      200, 500,
    ]);
    asking.control.down(60_000);
    await expect(asking.ask("GET", "/v2/pods")).rejects.toThrow();
    asking.control.advance(60_000);
    expect((await asking.ask("GET", "/v2/pods")).status).toBe(200);
  });

  test("as a process, with its verbs behind a token", async () => {
    const main = join(import.meta.dirname, "main.ts");
    const hooks = join(import.meta.dirname, "../../../bin/typescript-imports.js");
    const child = spawn(process.execPath, ["--import", hooks, main, "--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const { url, key, controlToken } = JSON.parse(line.toString()) as Record<"url" | "key" | "controlToken", string>;
      const verb = (token: string, body: unknown) =>
        fetch(`${url}/__control`, {
          method: "POST",
          headers: { "x-control-token": token },
          body: JSON.stringify(body),
        });
      expect((await verb("wrong", { verb: "now" })).status).toBe(401);
      expect((await verb(controlToken, { verb: "toString" })).status).toBe(404);
      const added = await verb(controlToken, { verb: "addPod", args: [{ name: "there" }] });
      const { value } = (await added.json()) as { value: string };
      const pod = await fetch(`${url}/v2/pods/${value}`, { headers: { authorization: `Bearer ${key}` } });
      expect(((await pod.json()) as { name: string }).name).toBe("there");
    } finally {
      child.kill();
      await once(child, "exit");
    }
  });
});
