import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Clients, query } from "../client-kit.js";
import type { LabHarness } from "../harness.js";

/** The HTTP function API, by the official client and by hand. */
export function httpContract(makeHarness: () => LabHarness): void {
  describe("http", () => {
    const lab = makeHarness();
    const clients = new Clients(() => lab.url);
    beforeAll(() => lab.start());
    afterEach(() => clients.close());
    afterAll(() => lab.dispose());

    const post = (name: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${lab.url}/api/${name}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });

    test("13 any function by one route", async () => {
      const answer = await post("function", { path: "notes:double", args: { n: 3 }, format: "convex_encoded_json" });
      expect(await answer.json()).toMatchObject({ status: "success", value: 6 });
      const missing = await post("function", { path: "notes:nothing", args: {} });
      expect(await missing.json()).toMatchObject({ status: "error" });
    });

    test("13 errors carry data and words", async () => {
      const http = clients.http();
      await expect(http.query(query("notes:refuse"), {})).rejects.toMatchObject({ data: { code: "not_found" } });
      await expect(http.query(query("notes:boom"), { room: "x", at: 0 })).rejects.toThrow("Uncaught Error: boom");
      await expect(http.query(query("notes:nothing"), {})).rejects.toThrow("Could not find public function");
    });

    test("13 tokens: good, missing, bad", async () => {
      expect(await clients.http(lab.tokens.key("ada")).query(query("notes:secret"), {})).toBe("for ada");
      await expect(clients.http().query(query("notes:secret"), {})).rejects.toMatchObject({
        data: { code: "unauthorized" },
      });
      await expect(clients.http(lab.tokens.bad).query(query("notes:whoami"), {})).rejects.toThrow("Unauthenticated");
      const expired = await post(
        "query",
        { path: "notes:whoami", args: {} },
        {
          Authorization: `Bearer ${lab.tokens.jwt("ada", -10)}`,
        },
      );
      expect(expired.status).toBe(401);
      expect(await expired.json()).toEqual({ code: "Unauthenticated", message: "Token expired" });
    });

    test("13 clean JSON by hand", async () => {
      const written = await post("mutation", { path: "notes:add", args: { room: "hand", text: "t" }, format: "json" });
      expect(await written.json()).toMatchObject({ status: "success", value: 0 });
      const echo = await post("query", { path: "notes:echo.js", args: { value: 1 }, format: "json" });
      expect(echo.status).toBe(560);
      const big = await post("query", {
        path: "notes:echo",
        args: { value: { $integer: "BQAAAAAAAAA=" } },
        format: "json",
      });
      expect(await big.json()).toMatchObject({ status: "success", value: "5" });
    });

    test("30 what is not a call is refused in words", async () => {
      const notJson = await post("query", "{path:");
      expect(notJson.status).toBe(400);
      expect(await notJson.json()).toMatchObject({ code: "BadJsonBody" });
      expect((await post("query", { args: {} })).status).toBe(400);
      expect((await fetch(`${lab.url}/api/query`)).status).toBe(405);
      expect((await fetch(`${lab.url}/api/nothing`, { method: "POST" })).status).toBe(404);
    });

    test("30 pages of other sites are kept out, those of this machine are let in", async () => {
      const options = (origin: string) =>
        fetch(`${lab.url}/api/query`, { method: "OPTIONS", headers: { Origin: origin } });
      const local = await options("http://localhost:5173");
      expect(local.status).toBe(204);
      expect(local.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
      expect((await options("https://evil.test")).status).toBe(403);
      const call = await post("query", { path: "notes:whoami", args: {} }, { Origin: "https://localhost.evil.test" });
      expect(call.status).toBe(403);
    });
  });
}
