import { ConvexError } from "convex/values";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Clients, eventually, mutation, query, watch } from "../client-kit.js";
import type { LabHarness } from "../harness.js";
import type { Note } from "../suite-functions.js";

/** Sharing, errors, pages, silence: what a client sees while nothing is broken. */
export function realtimeContract(makeHarness: () => LabHarness): void {
  describe("realtime", () => {
    const lab = makeHarness();
    const clients = new Clients(() => lab.url);
    beforeAll(() => lab.start());
    afterEach(() => clients.close());
    afterAll(() => lab.dispose());

    test("1 equal queries of one client are one subscription, and go with the last", async () => {
      const client = clients.connect();
      const [first, second] = [0, 1].map(() => watch(client, "notes:count", { room: "shared" }));
      await eventually(() => expect([first?.values, second?.values]).toEqual([[0], [0]]));
      expect(lab.stats().subscriptions).toBe(1);
      first?.stop();
      second?.stop();
      await eventually(() => expect(lab.stats()).toMatchObject({ subscriptions: 0, queries: 0 }));
    });

    test("11 errors keep their data and words, and heal when what they read changes", async () => {
      const client = clients.connect();
      const refused = watch(client, "notes:refuse");
      const missing = watch(client, "notes:nothing");
      const badArgs = watch(client, "notes:list", {});
      const boom = watch(client, "notes:boom", { room: "eleven", at: 1 });
      await eventually(() => {
        expect((refused.errors[0] as ConvexError<{ code: string }> | undefined)?.data.code).toBe("not_found");
        expect(missing.errors[0]?.message).toContain("Could not find public function for 'notes:nothing'");
        expect(badArgs.errors[0]?.message).toContain(
          "ArgumentValidationError: Object is missing the required field `room`.",
        );
        expect(boom.values).toEqual(["calm"]);
      });
      await client.mutation(mutation("notes:add"), { room: "eleven", text: "x" });
      await eventually(() =>
        expect(boom.errors[0]?.message).toMatch(/\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught Error: boom/),
      );
      const later = watch(client, "notes:boom", { room: "healing", at: 0 });
      await eventually(() => expect(later.errors).toHaveLength(1));

      const failure = client.mutation(mutation("notes:addThenThrow"), { room: "eleven" });
      await expect(failure).rejects.toBeInstanceOf(ConvexError);
      await expect(failure).rejects.toMatchObject({ data: { code: "conflict" } });
      expect(await client.query(query("notes:count"), { room: "eleven" })).toBe(1);
      await expect(client.mutation(mutation("notes:list"), { room: "eleven" })).rejects.toThrow(
        "Trying to execute notes:list as Mutation, but it is defined as Query.",
      );
    });

    test("11b strangers get no answer of what is not open", async () => {
      const secret = watch(clients.connect(), "notes:secret");
      await eventually(() => expect(secret.errors[0]).toMatchObject({ data: { code: "unauthorized" } }));
    });

    test("11c a result no client could read fails alone", async () => {
      const client = clients.connect();
      const bad = watch(client, "notes:badField");
      await eventually(() => expect(bad.errors[0]?.message).toContain("invalid character"));
      expect(await client.query(query("notes:whoami"), {})).toBeNull();
    });

    test("14 pages without gaps while rows arrive", async () => {
      const args = { room: "fourteen" };
      await lab.write(
        args.room,
        Array.from({ length: 50 }, (_, n) => `n${n}`),
      );
      const client = clients.connect();
      let latest: { results: Note[]; status: string; loadMore(n: number): boolean } | undefined;
      client.onPaginatedUpdate_experimental(
        query("notes:page"),
        args,
        { initialNumItems: 20 },
        (result) => (latest = result as unknown as typeof latest),
        () => undefined,
      );
      const seqs = () => latest?.results.map(({ seq }) => seq);
      const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => from - n);
      await eventually(() => expect(seqs()).toEqual(down(49, 30)));
      expect(latest?.status).toBe("CanLoadMore");
      await lab.write(args.room, ["new", "newer"]);
      await eventually(() => expect(seqs()).toEqual(down(51, 30)));
      latest?.loadMore(100);
      await eventually(() => expect(seqs()).toEqual(down(51, 0)));
      expect(latest?.status).toBe("Exhausted");
    });

    test("16 an optimistic update, then the server's", async () => {
      const client = clients.connect();
      const args = { room: "sixteen" };
      const count = watch<number>(client, "notes:count", args);
      await eventually(() => expect(count.values).toEqual([0]));
      await client.mutation(
        mutation("notes:add"),
        { ...args, text: "x" },
        {
          optimisticUpdate: (store) => store.setQuery(query("notes:count"), args, 0.5),
        },
      );
      await eventually(() => expect(count.values).toEqual([0, 0.5, 1]));
    });

    test("26 no word about commits that change nothing for a client", async () => {
      const { client, frames } = clients.recorded();
      const rooms = { room: "twenty-six" };
      const count = watch<number>(client, "notes:isEmpty", rooms);
      await lab.write(rooms.room, ["first"]);
      await eventually(() => expect(count.last()).toBe(false));
      const before = frames.length;
      const runs = lab.stats().queryRuns;
      await lab.write(rooms.room, ["changes the room, not the answer"]);
      await eventually(() => expect(lab.stats().queryRuns).toBe(runs + 1));
      await lab.write("elsewhere", ["does not touch this client"]);
      await client.mutation(mutation("notes:add"), { room: "elsewhere", text: "a fence" });
      const since = frames.slice(before);
      expect(since.map(({ type }) => type)).toEqual(["MutationResponse", "Transition"]);
      expect(since[1]?.modifications).toEqual([]);
      expect(lab.stats().queryRuns).toBe(runs + 1);
    });

    test("50 who ask the same are one query", async () => {
      const watchers = Array.from({ length: 50 }, () =>
        watch<number>(clients.connect(), "notes:count", { room: "fifty" }),
      );
      await eventually(() => expect(watchers.every(({ last }) => last() === 0)).toBe(true));
      expect(lab.stats()).toMatchObject({ connections: 50, subscriptions: 50, queries: 1 });
      const runs = lab.stats().queryRuns;
      await lab.write("fifty", ["for all"]);
      await eventually(() => expect(watchers.every(({ last }) => last() === 1)).toBe(true));
      expect(lab.stats().queryRuns).toBe(runs + 1);
    });
  });
}
