import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually, seededRandom } from "../client-kit.js";
import type { LabHarness } from "../harness.js";
import { add, RawClient, remove } from "../raw-client.js";

/** The wire itself: versions, limits, refusals. */
export function protocolContract(makeHarness: () => LabHarness): void {
  describe("protocol", () => {
    let lab: LabHarness;
    const open: RawClient[] = [];
    const connect = async (options: Parameters<typeof RawClient.open>[1] = {}) => {
      const client = await RawClient.open(lab.url, options);
      open.push(client);
      return client;
    };
    beforeEach(async () => {
      lab = makeHarness();
      await lab.start();
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((client) => client.close()));
      await lab.dispose();
    });

    test.each([1, 2, 3, 4, 5])("29 every Transition starts where the client stands (seed %d)", async (seed) => {
      const random = seededRandom(seed);
      const pick = (n: number) => Math.floor(random() * n);
      const client = await connect();
      client.connect(`fuzz ${seed}`);
      const live = new Set<number>();
      let nextQuery = 0;
      let nextRequest = 0;
      const steps: (() => unknown)[] = [
        () => {
          const id = nextQuery++;
          live.add(id);
          const room = `r${pick(3)}`;
          client.modify([add(id, pick(2) === 0 ? "notes:count" : "notes:list", { room })]);
        },
        () => {
          const [id] = live;
          if (id === undefined) return;
          live.delete(id);
          client.modify([remove(id)]);
        },
        () => client.authenticate(pick(2) === 0 ? null : lab.tokens.key(`p${pick(2)}`)),
        () => client.mutate(nextRequest++, "notes:add", { room: `r${pick(3)}`, text: "x" }),
        () => lab.write(`r${pick(3)}`, ["y"]),
        () => new Promise((resolve) => setImmediate(resolve)),
      ];
      for (let n = 0; n < 150; n++) await steps[pick(steps.length)]?.();

      await eventually(() => {
        expect(client.version).toMatchObject({ querySet: client.querySet, identity: client.identity });
        expect(client.responses()).toHaveLength(nextRequest);
        expect([...client.results.keys()].sort((a, b) => a - b)).toEqual([...live].sort((a, b) => a - b));
      });
      expect(client.violations).toEqual([]);
      expect(client.closed).toBeNull();
      // Every answered mutation is followed by a Transition that reaches its ts.
      const lastResponse = client.frames.findLastIndex(({ type }) => type === "MutationResponse");
      expect(client.frames.slice(lastResponse).some(({ type }) => type === "Transition")).toBe(true);
    });

    test("3 a mutation that is sent again is answered again, and followed by a Transition again", async () => {
      const first = await connect();
      first.connect("the same session");
      first.modify([]);
      first.mutate(0, "notes:add", { room: "again", text: "x" });
      await eventually(() => expect(first.frames.at(-1)?.type).toBe("Transition"));
      await eventually(() => expect(first.responses()).toHaveLength(1));
      const second = await connect();
      second.connect("the same session");
      second.modify([add(0, "notes:count", { room: "again" })]);
      second.mutate(0, "notes:add", { room: "again", text: "x" });
      await eventually(() => {
        expect(second.responses()).toEqual(first.responses());
        expect(second.frames.at(-1)?.type).toBe("Transition");
      });
      expect(second.results.get(0)).toBe(1);
    });

    test("30 subscriptions beyond the cap fail, the others live", async () => {
      await lab.stop();
      await lab.start({ maxSubscriptions: 3 });
      const client = await connect();
      client.connect();
      client.modify([0, 1, 2, 3].map((id) => add(id, "notes:count", { room: `${id}` })));
      await eventually(() => expect(client.results.size).toBe(4));
      const failed = client.frames[0]?.modifications?.filter(({ type }) => type === "QueryFailed");
      expect(failed).toMatchObject([
        { queryId: 3, errorMessage: expect.stringContaining("TooManySubscriptions") as string },
      ]);
      client.modify([remove(0)]);
      client.modify([add(4, "notes:count", { room: "4" })]);
      await eventually(() => expect(client.results.get(4)).toBe(0));
    });

    test("30 arguments beyond the cap are answered with a refusal, a message beyond the limit cuts the wire", async () => {
      await lab.stop();
      await lab.start({ maxArgsBytes: 1000, maxPayloadBytes: 5000 });
      const client = await connect();
      client.connect();
      client.mutate(0, "notes:add", { room: "r", text: "x".repeat(2000) });
      client.modify([add(0, "notes:echo", { value: "x".repeat(2000) })]);
      await eventually(() => {
        expect(client.responses()[0]).toMatchObject({
          success: false,
          result: expect.stringContaining("too large") as string,
        });
        expect(client.frames.find(({ type }) => type === "Transition")?.modifications?.[0]).toMatchObject({
          errorMessage: expect.stringContaining("too large") as string,
        });
      });
      client.mutate(1, "notes:add", { room: "r", text: "x".repeat(6000) });
      await eventually(() => expect(client.closed?.code).toBe(1009));
    });

    test("30 too many calls at once: the client is asked to come back later", async () => {
      await lab.stop();
      await lab.start({ maxPendingCalls: 2 });
      const client = await connect();
      client.connect();
      for (const requestId of [0, 1, 2]) client.send({ type: "Action", requestId, udfPath: "notes:hang", args: [{}] });
      await eventually(() => expect(client.closed?.reason).toMatch(/^TooManyConcurrentRequests/));
    });

    test("30 pages of other sites do not get a socket", async () => {
      await expect(connect({ origin: "https://evil.test" })).rejects.toThrow("403");
      const local = await connect({ origin: "http://127.0.0.1:8080" });
      local.connect();
      local.modify([]);
      await eventually(() => expect(local.version.querySet).toBe(1));
    });

    test("1.1 any client version, none, and a query string; other paths are refused", async () => {
      for (const path of ["/api/sync", "/api/1.11.0/sync", "/api/99.0.0-alpha.1/sync?x=1"]) {
        const client = await connect({ path });
        client.connect();
        client.modify([]);
        await eventually(() => expect(client.version.querySet).toBe(1));
      }
      for (const path of ["/sync", "/api/1.48.0/other", "/api/a/b/sync"]) {
        await expect(connect({ path })).rejects.toThrow("404");
      }
    });

    const broken: readonly [string, (client: RawClient) => void][] = [
      ["no JSON", (client) => client.send("{")],
      ["an unknown message", (client) => client.send({ type: "Dance" })],
      ["a query set from a wrong version", (client) => client.send({ ...modify, baseVersion: 3, newVersion: 4 })],
      ["a query set that jumps", (client) => client.send({ ...modify, newVersion: 7 })],
      ["an identity from a wrong version", (client) => client.send({ ...authenticate, baseVersion: 1 })],
      ["Connect twice", (client) => client.connect()],
    ];
    test.each(broken)("12 %s is the client's own fault: FatalError", async (_name, speak) => {
      const client = await connect();
      client.connect();
      speak(client);
      await eventually(() => expect(client.closed).not.toBeNull());
      expect(client.frames.map(({ type }) => type)).toEqual(["FatalError"]);
    });

    test("12 nothing before Connect", async () => {
      const client = await connect();
      client.modify([]);
      await eventually(() => expect(client.frames[0]?.type).toBe("FatalError"));
    });

    test("4 a ts the client has seen is never undercut", async () => {
      const client = await connect();
      const seen = BigInt(Date.now() + 3_600_000) * 1_000_000n;
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(seen);
      const maxObservedTimestamp = bytes.toString("base64");
      client.send({ type: "Connect", sessionId: "s", connectionCount: 4, lastCloseReason: null, maxObservedTimestamp });
      client.modify([]);
      client.mutate(0, "notes:add", { room: "r", text: "x" });
      const ts = () => Buffer.from(client.version.ts, "base64").readBigUInt64LE();
      await eventually(() => expect(client.responses()).toHaveLength(1));
      await eventually(() => expect(ts()).toBeGreaterThan(seen));
    });

    test("9 a bad token: AuthError, and the wire is cut", async () => {
      const client = await connect();
      client.connect();
      client.authenticate(lab.tokens.bad);
      await eventually(() => expect(client.closed).not.toBeNull());
      expect(client.frames).toMatchObject([{ type: "AuthError", baseVersion: 0, authUpdateAttempted: true }]);
      expect(JSON.stringify(client.frames)).not.toContain(lab.tokens.bad);
    });
  });
}

const modify = { type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications: [] };
const authenticate = { type: "Authenticate", baseVersion: 0, tokenType: "None" };
