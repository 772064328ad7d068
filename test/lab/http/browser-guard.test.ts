import { hostname } from "node:os";
import { expect, test } from "vitest";
import { createBrowserGuard } from "../../../src/lab/http/browser-guard.js";
import { openAccess } from "../access/access-fixture.js";

test.each([
  ["127.0.0.1:4000", undefined],
  ["localhost:4000", "http://localhost:4000"],
  ["[::1]:4000", "http://127.0.0.1:8888"],
  [hostname(), undefined],
  ["192.168.1.20:4000", "http://192.168.1.20:4000"],
  ["box.lan:4000", "https://lab.example"],
  [undefined, undefined],
])("Host %s with Origin %s is let in", (host, origin) => {
  const guard = createBrowserGuard({ allowHosts: ["box.lan"], allowOrigins: ["https://lab.example/"] });
  expect(() => guard.check(host, origin)).not.toThrow();
});

test.each([
  ["evil.example", undefined, /^Host/],
  ["evil.example:4000", "http://evil.example:4000", /^Host/],
  ["localhost.evil.example", undefined, /^Host/],
  ["127.0.0.1.evil.example", undefined, /^Host/],
  ["localhost:4000", "https://evil.example", /^Origin/],
  ["localhost:4000", "null", /^Origin/],
  ["localhost:4000", "http://localhost.evil.example", /^Origin/],
  ["localhost:4000", "http://127.0.0.1.evil.example", /^Origin/],
])("Host %s with Origin %s is refused", (host, origin, why) => {
  expect(() => createBrowserGuard().check(host, origin)).toThrow(why);
});

test("pages of other sites may not use REST, though they had a token; those that are allowed are answered so that a browser hands it on", async () => {
  const { ask } = await openAccess({ allowOrigins: ["https://lab.example"] });
  const from = (origin: string, route = "GET /v1/labs") => ask("owner", route, { headers: { origin } });
  const refused = await from("https://evil.example");
  expect([refused.status, refused.body.error?.code]).toEqual([403, "forbidden"]);
  expect(refused.headers.get("access-control-allow-origin")).toBeNull();
  const allowed = await from("https://lab.example");
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([200, "https://lab.example"]);
  expect(allowed.headers.get("access-control-expose-headers")).toContain("ETag");
  const preflight = await from("https://lab.example", "OPTIONS /v1/experiments");
  expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
    204,
    expect.stringContaining("If-Match"),
  ]);
  expect((await from("https://evil.example", "OPTIONS /v1/experiments")).status).toBe(403);
});
