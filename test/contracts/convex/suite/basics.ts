import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { action, Clients, eventually, mutation, query, watch } from "../client-kit.js";
import type { Note } from "../suite-functions.js";

/** Values of every kind Convex has, and text that is easily broken. */
export const allValues = {
  big: 9_007_199_254_740_993n,
  negative: -5n,
  nan: Number.NaN,
  minusZero: -0,
  infinite: Number.POSITIVE_INFINITY,
  bytes: new Uint8Array([0, 1, 255]).buffer,
  nested: { list: [1, "two", null, { three: [true] }], empty: {} },
  text: "χ² = 1.04 ± 0.02 · “naïve” 🛰️ \u0000\u2028",
};

/**
 * What holds for any Convex backend that serves the suite's functions, and needs nothing but its URL: the same cases run against ours
 * and against a real one.
 */
export function basicsContract(url: () => string): void {
  describe("basics", () => {
    const clients = new Clients(url);
    // A real backend keeps what was written in the run before.
    const newRoom = () => randomUUID();
    afterEach(() => clients.close());

    test("1 subscribe, mutate, unsubscribe", async () => {
      const client = clients.connect();
      const args = { room: newRoom() };
      const first = watch<Note[]>(client, "notes:list", args);
      const second = watch<Note[]>(client, "notes:list", args);
      await eventually(() => expect(second.values).toEqual([[]]));
      expect(first.values).toEqual([[]]);

      await client.mutation(mutation("notes:add"), { ...args, text: "a" });
      expect(first.current().map(({ text }) => text)).toEqual(["a"]);

      first.stop();
      second.stop();
      await client.mutation(mutation("notes:add"), { ...args, text: "b" });
      // Nothing is watched and no version moves: only the Transition that is owed resolves this one.
      await client.mutation(mutation("notes:add"), { ...args, text: "c" });
      expect(first.values).toHaveLength(2);
      expect(await client.query(query("notes:count"), args)).toBe(3);
    });

    test("2 two clients, 200 concurrent mutations, one order", async () => {
      const [writer, other] = [clients.connect(), clients.connect()];
      const room = newRoom();
      const seen = watch<Note[]>(other, "notes:list", { room });
      const add = (client: typeof writer, text: string) => client.mutation(mutation("notes:add"), { room, text });
      const seqs = await Promise.all(
        Array.from({ length: 100 }, (_, n) => [add(writer, `w${n}`), add(other, `o${n}`)]).flat(),
      );
      expect(new Set(seqs).size).toBe(200);
      await eventually(() => expect(seen.last()).toHaveLength(200));
      const texts = seen.last()?.map(({ text }) => text) ?? [];
      for (const who of ["w", "o"]) {
        const own = texts.filter((text) => text.startsWith(who));
        expect(own).toEqual(Array.from({ length: 100 }, (_, n) => `${who}${n}`));
      }
    });

    test("12 every kind of value, there and back", async () => {
      const client = clients.connect();
      expect(await client.query(query("notes:echo"), { value: allValues })).toEqual(allValues);
      expect(await client.mutation(mutation("notes:echoMutation"), { value: allValues })).toEqual(allValues);
      const back = (await client.query(query("notes:echo"), { value: -0 })) as number;
      expect(Object.is(back, -0)).toBe(true);
    });

    test("13 over HTTP: query, mutation, action, consistent query", async () => {
      const http = clients.http();
      const room = newRoom();
      const seen = watch<number>(clients.connect(), "notes:count", { room });
      expect(await http.mutation(mutation("notes:add"), { room, text: "over http" })).toBe(0);
      expect(await http.query(query("notes:count"), { room })).toBe(1);
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- experimental, but part of the client
      expect(await http.consistentQuery(query("notes:count"), { room })).toBe(1);
      expect(await http.action(action("notes:double"), { n: 5 })).toBe(10);
      await eventually(() => expect(seen.last()).toBe(1));
    });

    test("12 every kind of value, over HTTP", async () => {
      const http = clients.http();
      expect(await http.query(query("notes:echo"), { value: allValues })).toEqual(allValues);
      expect(await http.mutation(mutation("notes:echoMutation"), { value: allValues })).toEqual(allValues);
    });
  });
}
