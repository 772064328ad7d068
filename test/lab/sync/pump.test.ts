import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Backend, Commit, Reader } from "../../../src/lab/sync/backend.js";
import { attachSync, type SyncServer } from "../../../src/lab/sync/server.js";
import { add, RawClient } from "../../contracts/convex/raw-client.js";

/** A backend of one number, whose read can be held up and broken. */
function counterBackend() {
  let listener: (commit: Commit) => void = () => undefined;
  let ts = 1n;
  let count = 0;
  const read = async (run: (reader: Reader) => Promise<unknown>): Promise<never> =>
    (await run({ ts, query: () => ({ value: count, topics: ["count"] }) })) as never;
  const backend = {
    latestTs: () => ts,
    observeTs: () => undefined,
    authenticate: () => null,
    functionKind: () => "query",
    read: vi.fn(read),
    mutation: async () => Promise.resolve({ value: null, ts }),
    action: async () => Promise.resolve({ value: null }),
    onCommit: (given: typeof listener) => {
      listener = given;
      return () => (listener = () => undefined);
    },
  } satisfies Backend;
  /** `announce` late is what a careless backend does. */
  const commit = (announce: (tell: () => void) => void = (tell) => tell()) => {
    ts++;
    count++;
    const told = { ts, topics: ["count"] };
    announce(() => listener(told));
  };
  return { backend, commit, read };
}

/** Each Transition as `query set: query=value …`. */
const told = (client: RawClient) =>
  client.frames.map(({ endVersion, modifications = [] }) => {
    const changes = modifications.map(({ queryId, value }) => `${queryId}=${String(value)}`);
    return `${(endVersion as { querySet: number }).querySet}: ${changes.join(" ")}`;
  });

describe("the endpoint over any backend", () => {
  const open: { http: Server; sync: SyncServer; clients: RawClient[] }[] = [];
  afterEach(async () => {
    for (const { http, sync, clients } of open.splice(0)) {
      for (const client of clients) await client.close();
      await sync.close();
      http.close();
    }
  });

  async function serve(backend: Backend, options: Parameters<typeof attachSync>[2] = {}) {
    const http = createServer();
    const sync = attachSync(http, backend, options);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const clients: RawClient[] = [];
    open.push({ http, sync, clients });
    return async (path?: string) => {
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
      const client = await RawClient.open(url, path === undefined ? {} : { path });
      clients.push(client);
      client.connect();
      client.modify([add(0, "a:count")]);
      return client;
    };
  }

  test("one read serves all who wait for the same commit", async () => {
    const { backend, commit } = counterBackend();
    const connect = await serve(backend);
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
    await vi.waitFor(() => expect(clients.every(({ results }) => results.get(0) === 0)).toBe(true));
    backend.read.mockClear();
    commit();
    await vi.waitFor(() => expect(clients.every(({ results }) => results.get(0) === 1)).toBe(true));
    expect(backend.read).toHaveBeenCalledTimes(1);
  });

  test("a commit announced late, while a read sees it already, tears nothing", async () => {
    const { backend, commit, read } = counterBackend();
    const connect = await serve(backend);
    const client = await connect();
    await vi.waitFor(() => expect(client.results.get(0)).toBe(0));
    let announce: () => void = () => undefined;
    commit((tell) => (announce = tell));
    backend.read.mockImplementationOnce((run) => {
      setImmediate(announce);
      return read(run);
    });
    client.modify([add(1, "a:count", { other: true })]);
    await vi.waitFor(() => expect(client.version.querySet).toBe(2));
    expect(told(client)).toEqual(["1: 0=0", "2: 0=1 1=1"]);
  });

  test("a commit announced after the read is still told", async () => {
    const { backend, commit } = counterBackend();
    const connect = await serve(backend);
    const client = await connect();
    await vi.waitFor(() => expect(client.results.get(0)).toBe(0));
    let announce: () => void = () => undefined;
    commit((tell) => (announce = tell));
    client.modify([add(1, "a:count", { other: true })]);
    await vi.waitFor(() => expect(client.version.querySet).toBe(2));
    announce();
    await vi.waitFor(() => expect([...client.results.values()]).toEqual([1, 1]));
  });

  test("what is asked for during a read belongs to the next Transition", async () => {
    const { backend, read } = counterBackend();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    backend.read.mockImplementationOnce(async (run) => {
      const result = await read(run);
      await gate;
      return result;
    });
    const connect = await serve(backend);
    const client = await connect();
    await vi.waitFor(() => expect(open[0]?.sync.stats().queryRuns).toBe(1));
    client.modify([add(1, "a:count", { other: true })]);
    await vi.waitFor(() => expect(open[0]?.sync.stats().subscriptions).toBe(2));
    release();
    await vi.waitFor(() => expect(client.version.querySet).toBe(2));
    expect(told(client)).toEqual(["1: 0=0", "2: 1=0"]);
  });

  test("a lab that cannot read sends its clients away to come back, and says so to its owner", async () => {
    const { backend } = counterBackend();
    const onError = vi.fn();
    const connect = await serve(backend, { onError });
    backend.read.mockRejectedValueOnce(new Error("disk I/O error"));
    const client = await connect();
    await vi.waitFor(() => expect(client.closed?.reason).toMatch(/^InternalServerError/));
    expect(client.closed?.reason).not.toContain("disk");
    expect(onError).toHaveBeenCalledTimes(1);
    const second = await connect();
    await vi.waitFor(() => expect(second.results.get(0)).toBe(0));
  });

  test("closing tells every client why", async () => {
    const { backend } = counterBackend();
    const connect = await serve(backend);
    const client = await connect();
    await vi.waitFor(() => expect(client.results.get(0)).toBe(0));
    await open[0]?.sync.close();
    await vi.waitFor(() =>
      expect(client.closed).toEqual({ code: 1012, reason: "InternalServerError: the lab is stopping" }),
    );
  });

  test("several labs live behind one port, each below its own path", async () => {
    const { backend } = counterBackend();
    const connect = await serve(backend, { mountPath: "/labs/x" });
    const client = await connect("/labs/x/api/1.48.0/sync");
    await vi.waitFor(() => expect(client.results.get(0)).toBe(0));
    await expect(connect("/api/1.48.0/sync")).rejects.toThrow("404");
  });

  test("a peer that is gone is let go", async () => {
    const { backend } = counterBackend();
    const connect = await serve(backend, { wsPingMs: 10, wsDeadMs: 0 });
    const client = await connect();
    await vi.waitFor(() => expect(client.closed?.code).toBe(1006));
    expect(open[0]?.sync.stats()).toMatchObject({ connections: 0, subscriptions: 0, queries: 0 });
  });
});
