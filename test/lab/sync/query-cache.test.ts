import { beforeEach, describe, expect, test, vi } from "vitest";
import type { QueryCall, Reader } from "../../../src/lab/sync/backend.js";
import { QueryCache } from "../../../src/lab/sync/query-cache.js";

const add = (udfPath: string, args: unknown = {}, journal: string | null = null) => ({
  type: "Add" as const,
  queryId: 0,
  udfPath,
  args: [args],
  journal,
});
const ada = { subject: "ada" };

/** Answers with the path; reads the topic of that name. */
const readerAt = (ts: bigint, query: Reader["query"] = ({ path }) => ({ value: path, topics: [path] })): Reader => ({
  ts,
  query,
});

describe("the shared results", () => {
  let cache: QueryCache;
  const subscriber = () => ({ onStale: vi.fn() });
  beforeEach(() => {
    cache = new QueryCache({ redactErrors: false, maxArgsBytes: 1000 });
  });

  test("one query for equal questions of equal identities, and it goes with the last", () => {
    const [one, two] = [subscriber(), subscriber()];
    const query = cache.subscribe(one, add("a:b", { x: 1 }), ada);
    expect(cache.subscribe(two, add("a:b", { x: 1 }), { ...ada, expiresAt: 5 })).toBe(query);
    expect(cache.subscribe(two, add("a:b", { x: 2 }), ada)).not.toBe(query);
    expect(cache.subscribe(two, add("a:b", { x: 1 }), null)).not.toBe(query);
    expect(cache.subscribe(two, add("a:b", { x: 1 }), { ...ada, claims: { admin: true } })).not.toBe(query);
    cache.unsubscribe(one, query);
    expect(cache.size).toBe(4);
    cache.unsubscribe(two, query);
    expect(cache.size).toBe(3);
  });

  test("a commit makes stale what it touched, and tells once", async () => {
    const holder = subscriber();
    const query = cache.subscribe(holder, add("a:b"), ada);
    await cache.refresh(query, readerAt(10n));
    expect(query).toMatchObject({ stale: false, answeredAt: 10n });
    cache.commit({ ts: 11n, topics: ["other"] });
    expect(query.stale).toBe(false);
    cache.commit({ ts: 12n, topics: ["a:b"] });
    cache.commit({ ts: 13n, topics: ["a:b"] });
    expect(query.stale).toBe(true);
    expect(holder.onStale).toHaveBeenCalledTimes(1);
  });

  test("a commit the answer has seen already changes nothing", async () => {
    const query = cache.subscribe(subscriber(), add("a:b"), ada);
    await cache.refresh(query, readerAt(10n));
    cache.commit({ ts: 10n, topics: ["a:b"] });
    expect(query.stale).toBe(false);
  });

  test("a commit during the read makes the fresh answer stale at once, even of a topic nobody knew it reads", async () => {
    const holder = subscriber();
    const query = cache.subscribe(holder, add("a:b"), ada);
    cache.beginRead();
    await cache.refresh(
      query,
      readerAt(10n, async ({ path }) => {
        cache.commit({ ts: 11n, topics: [path] });
        return Promise.resolve({ value: 1, topics: [path] });
      }),
    );
    cache.endRead();
    expect(query.stale).toBe(true);
    expect(holder.onStale).toHaveBeenCalledTimes(1);
  });

  test("an equal result is the same answer, so that nobody is sent it again", async () => {
    const query = cache.subscribe(subscriber(), add("a:b"), ada);
    await cache.refresh(query, readerAt(10n));
    const { answer } = query;
    await cache.refresh(query, readerAt(11n));
    expect(query.answer).toBe(answer);
  });

  test("a re-run goes with the journal of the last answer; who asks anew gets a page of his own", async () => {
    const journals: (string | null)[] = [];
    const paged = ({ journal }: QueryCall) => {
      journals.push(journal);
      return { value: journals.length, topics: ["t"], journal: "end" };
    };
    const query = cache.subscribe(subscriber(), add("a:page"), ada);
    await cache.refresh(query, readerAt(10n, paged));
    expect(cache.subscribe(subscriber(), add("a:page"), ada)).toBe(query);
    cache.commit({ ts: 11n, topics: ["t"] });
    await cache.refresh(query, readerAt(11n, paged));
    expect(journals).toEqual([null, "end"]);
    expect(cache.subscribe(subscriber(), add("a:page"), ada)).not.toBe(query);
  });

  test("a query function that throws, now or later, is a failed query", async () => {
    for (const fail of [
      () => {
        throw new Error("now");
      },
      () => Promise.reject(new Error("later")),
    ]) {
      const query = cache.subscribe(subscriber(), add(`a:${String(fail)}`), ada);
      await cache.refresh(query, readerAt(10n, fail));
      expect(query.answer?.type).toBe("QueryFailed");
    }
  });

  test("arguments no function takes are answered without running one", () => {
    const query = cache.subscribe(subscriber(), add("a:b", "no object"), ada);
    expect(query).toMatchObject({ stale: false, call: null, answer: { type: "QueryFailed" } });
    expect(cache.runs).toBe(0);
  });
});
