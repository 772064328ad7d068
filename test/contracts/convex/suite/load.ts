import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket as RawWebSocket } from "ws";
import { Clients, eventually, type Frame, mutation, query, seededRandom, watch } from "../client-kit.js";
import type { LabHarness } from "../harness.js";

/** Much at once: large results, floods of commits, slow readers. */
export function loadContract(makeHarness: () => LabHarness): void {
  describe("load", () => {
    let lab: LabHarness;
    const clients = new Clients(() => lab.url);
    beforeEach(() => {
      lab = makeHarness();
    });
    afterEach(async () => {
      await clients.close();
      await lab.dispose();
    });

    interface Big {
      readonly count: number;
      readonly text: string;
    }

    test("15 a result of 12 MB comes in chunks", async () => {
      await lab.start();
      const { client, frames } = clients.recorded();
      const big = watch<Big>(client, "notes:big", { room: "r", chars: 12_000_000 });
      await eventually(() => expect(big.last()?.text).toHaveLength(12_000_000));
      expect(frames.filter(({ type }) => type === "TransitionChunk")).toHaveLength(3);
      await client.mutation(mutation("notes:add"), { room: "r", text: "again" });
      await eventually(() => expect(big.last()?.count).toBe(1));
    });

    test("17 deflate takes two thirds off", async () => {
      await lab.start({ deflate: true });
      await lab.write(
        "r",
        Array.from({ length: 100 }, (_, n) => `step ${n} accepted`),
      );
      const { client, frames } = clients.recorded();
      const list = watch<unknown[]>(client, "notes:list", { room: "r" });
      await eventually(() => expect(list.last()).toHaveLength(100));
      expect(lab.bytesSent()).toBeLessThan(JSON.stringify(frames).length / 3);
    });

    test("24 large results, deflated and chunked", async () => {
      await lab.start({ deflate: true });
      const client = clients.connect();
      for (const chars of [3_000_000, 4_500_000, 12_000_000]) {
        const big = (await client.query(query("notes:big"), { room: "r", chars })) as Big;
        expect(big.text).toHaveLength(chars);
      }
    });

    test.each([0, 50, 250])("23 a flood of 5,000 commits at a gap of %d ms", async (minTransitionGapMs) => {
      await lab.start({ minTransitionGapMs });
      const { client, frames } = clients.recorded();
      const count = watch<number>(client, "notes:count", { room: "r" });
      await eventually(() => expect(count.values).toEqual([0]));
      const startedAt = performance.now();
      const texts = Array.from({ length: 50 }, () => "x");
      for (let batch = 0; batch < 100; batch++) await lab.write("r", texts);
      const tookMs = performance.now() - startedAt;
      await eventually(() => expect(count.last()).toBe(5000));
      const transitions = frames.filter(({ type }) => type === "Transition").length;
      expect(transitions).toBeLessThan(minTransitionGapMs === 0 ? 1000 : tookMs / minTransitionGapMs + 4);
    });

    test("25 all results of a Transition belong to one moment", async () => {
      await lab.start();
      const client = clients.connect();
      const counts = ["left", "right"].map((room) => watch<number>(client, "notes:count", { room }));
      await eventually(() => expect(counts.every(({ last }) => last() === 0)).toBe(true));
      const torn: unknown[] = [];
      let transitions = 0;
      client.client.addOnTransitionHandler(() => {
        transitions++;
        const [left, right] = counts.map(({ current }) => current());
        if (left !== right) torn.push([left, right]);
      });
      const writer = clients.connect();
      const rooms = ["left", "right"];
      for (let round = 0; round < 30; round++) {
        const batch = Array.from({ length: 10 }, (_, n) => ({ rooms, text: `${round}.${n}` }));
        await Promise.all(batch.map((args) => writer.mutation(mutation("notes:addToBoth"), args)));
      }
      await eventually(() => expect(counts.map(({ last }) => last())).toEqual([300, 300]));
      expect(torn).toEqual([]);
      expect(transitions).toBeGreaterThan(10);
    });

    test("27 a slow reader is spared what it would not read in time, and delays nobody", async () => {
      await lab.start({ maxBufferedBytes: 64 * 1024 });
      const slow = new RawWebSocket(`${lab.url.replace("http", "ws")}/api/1.48.0/sync`);
      const frames: Frame[] = [];
      slow.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
      await new Promise((resolve) => slow.once("open", resolve));
      const args = { room: "r", chars: 1_000_000 };
      const add = { type: "Add", queryId: 0, udfPath: "notes:big", args: [args] };
      slow.send(JSON.stringify({ type: "Connect", sessionId: "slow", connectionCount: 0, lastCloseReason: null }));
      slow.send(JSON.stringify({ type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications: [add] }));
      await eventually(() => expect(frames).toHaveLength(1));
      slow.pause();

      const brisk = watch<number>(clients.connect(), "notes:count", { room: "r" });
      const commits = 60;
      for (let n = 1; n <= commits; n++) {
        await lab.write("r", ["x"]);
        await eventually(() => expect(brisk.last()).toBe(n));
      }
      slow.resume();
      const last = () => frames.at(-1)?.modifications?.[0]?.value as Big | undefined;
      await eventually(() => expect(last()?.count).toBe(commits));
      expect(frames.length).toBeLessThan(commits / 2);
      slow.terminate();
    });

    test("28 whatever was written in whatever order, every subscriber has what a fresh query says", async () => {
      const seed = Date.now() % 100_000;
      const random = seededRandom(seed);
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
      await lab.start({ minTransitionGapMs: 5 });
      const rooms = ["a", "b", "c", "d"];
      const open = Array.from({ length: 4 }, () => clients.connect());
      const watched = Array.from({ length: 24 }, () => {
        const path = pick(["notes:list", "notes:count", "notes:isEmpty", "notes:big"]);
        const args = { room: pick(rooms), ...(path === "notes:big" ? { chars: 100 } : {}) };
        return { path, args, watcher: watch(pick(open), path, args) };
      });
      const writes = Array.from({ length: 200 }, () =>
        random() < 0.5
          ? pick(open).mutation(mutation("notes:add"), { room: pick(rooms), text: "x" })
          : pick(open).mutation(mutation("notes:addToBoth"), { rooms: [pick(rooms), pick(rooms)], text: "y" }),
      );
      await Promise.all(writes);
      const http = clients.http();
      for (const { path, args, watcher } of watched) {
        const fresh: unknown = await http.query(query(path), args);
        await eventually(() => expect(watcher.current(), `seed ${seed}: ${path}`).toEqual(fresh));
      }
    });
  });
}
