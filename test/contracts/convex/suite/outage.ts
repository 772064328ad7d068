import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { action, Clients, eventually, internals, mutation, query, reconnected, watch } from "../client-kit.js";
import type { LabHarness } from "../harness.js";
import type { Note } from "../suite-functions.js";

/** The lab dies, comes back, or is cut off: nothing is lost and nothing happens twice. */
export function outageContract(makeHarness: () => LabHarness): void {
  describe("outage", () => {
    let lab: LabHarness;
    const clients = new Clients(() => lab.url);
    beforeEach(async () => {
      lab = makeHarness();
      await lab.start();
    });
    afterEach(async () => {
      await clients.close();
      await lab.dispose();
    });

    test("8 after a restart everything is there again, by itself", async () => {
      const client = clients.connect();
      client.setAuth(async () => lab.tokens.key("ada"));
      const list = watch<Note[]>(client, "notes:list", { room: "eight" });
      const secret = watch(client, "notes:secret");
      await client.mutation(mutation("notes:add"), { room: "eight", text: "before" });
      await eventually(() => expect(secret.values).toEqual(["for ada"]));

      await lab.stop();
      await eventually(() => expect(client.connectionState().isWebSocketConnected).toBe(false));
      await lab.write("eight", ["while down"]);
      const queued = client.mutation(mutation("notes:add"), { room: "eight", text: "queued" });
      await lab.restartOnSamePort();

      // Not nudged: the client's own backoff brings it back.
      expect(await queued).toBe(2);
      expect(list.current().map(({ text }) => text)).toEqual(["before", "while down", "queued"]);
      expect(await client.query(query("notes:secret"), {})).toBe("for ada");
      expect(secret.errors).toEqual([]);
    });

    test("9 cut between commit and answer: one row, and the right answer", async () => {
      const client = clients.connect();
      const list = watch<Note[]>(client, "notes:list", { room: "nine" });
      await client.mutation(mutation("notes:add"), { room: "nine", text: "zero" });
      lab.cutAfterCommit();
      const answer = client.mutation(mutation("notes:add"), { room: "nine", text: "one" });
      await eventually(() => expect(client.connectionState().isWebSocketConnected).toBe(false));
      await lab.restartOnSamePort();
      await reconnected(client);
      expect(await answer).toBe(1);
      await eventually(() => expect(list.last()?.map(({ text }) => text)).toEqual(["zero", "one"]));
      expect(await client.mutation(mutation("notes:add"), { room: "nine", text: "two" })).toBe(2);
    });

    test("10 actions answer, fail with data, and are never sent twice", async () => {
      const client = clients.connect();
      expect(await client.action(action("notes:double"), { n: 21 })).toBe(42);
      await expect(client.action(action("notes:refuseAction"), {})).rejects.toMatchObject({
        data: { code: "rate_limited" },
      });
      const cut = client.action(action("notes:hang"), {});
      const outcome = expect(cut).rejects.toThrow("Connection lost while action was in flight");
      // The hanging action delays nobody.
      expect(await client.action(action("notes:double"), { n: 4 })).toBe(8);
      expect(await client.mutation(mutation("notes:add"), { room: "ten", text: "x" })).toBe(0);
      await lab.restartOnSamePort();
      await eventually(() => expect(client.connectionState().isWebSocketConnected).toBe(false));
      await reconnected(client);
      await outcome;
    });

    test("18 pings keep a silent connection alive", async () => {
      await lab.stop();
      await lab.start({ pingMs: 30 });
      const { client, frames } = clients.recorded();
      internals(client).serverInactivityThreshold = 150;
      await eventually(() => expect(frames.filter(({ type }) => type === "Ping").length).toBeGreaterThan(10));
      expect(client.connectionState()).toMatchObject({ connectionCount: 1, isWebSocketConnected: true });
    });

    test("ts never goes back, though the clock may", async () => {
      const { client, frames } = clients.recorded();
      const tsOf = () => frames.map(({ endVersion }) => (endVersion as { ts: string } | undefined)?.ts ?? null);
      const count = watch<number>(client, "notes:count", { room: "clock" });
      await lab.write("clock", ["a", "b", "c"]);
      await eventually(() => expect(count.last()).toBe(3));
      const before = tsOf().findLast((ts) => ts !== null) ?? "";
      await lab.restartOnSamePort();
      await eventually(() => expect(client.connectionState().isWebSocketConnected).toBe(false));
      frames.length = 0;
      await reconnected(client);
      await eventually(() => expect(tsOf().some((ts) => ts !== null)).toBe(true));
      const after = tsOf().find((ts) => ts !== null) ?? "";
      const number = (ts: string) => Buffer.from(ts, "base64").readBigUInt64LE();
      expect(number(after)).toBeGreaterThanOrEqual(number(before));
    });
  });
}
