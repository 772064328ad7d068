import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type ConvexConnection,
  type ConvexConnectionOptions,
  openConvexConnection,
} from "../../../src/clients/convex/convex-connection.js";
import type { Link } from "../../../src/contract/connection.js";
import type { Failure } from "../../../src/core/failure.js";
import { adapterHarness } from "../../contracts/convex/adapter-harness.js";
import { eventually } from "../../contracts/convex/client-kit.js";
import type { LabHarness } from "../../contracts/convex/harness.js";

const count = (room: string) => ({ path: "notes:count", args: { room, extra: undefined }, schema: z.number() });
const add = (room: string) => ({ path: "notes:add", args: { room, text: "x" }, schema: z.number() });
const secret = { path: "notes:secret", args: {}, schema: z.string() };

describe("a Convex link", () => {
  let lab: LabHarness;
  const open: ConvexConnection[] = [];
  const connect = (options: Partial<ConvexConnectionOptions> = {}) => {
    const connection = openConvexConnection({ url: lab.url, ...options });
    open.push(connection);
    return connection;
  };
  const watching = <T>(connection: ConvexConnection, request: Parameters<typeof connection.watch<T>>[0]) => {
    const values: T[] = [];
    const failures: Failure[] = [];
    const stop = connection.watch<T>(request, { next: (v) => values.push(v), fail: (f) => failures.push(f) });
    return { values, failures, stop };
  };
  beforeEach(async () => {
    lab = adapterHarness();
    await lab.start();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()));
    await lab.dispose();
  });

  test("watches, asks and changes, as the owner of its token", async () => {
    const connection = connect({ url: `${lab.url}/`, token: lab.tokens.key("ada") });
    const counts = watching(connection, count("r"));
    const own = watching(connection, secret);
    expect(await connection.mutation(add("r"))).toBe(0);
    expect(await connection.query(count("r"))).toBe(1);
    await eventually(() => expect(counts.values.at(-1)).toBe(1));
    await eventually(() => expect(own.values).toEqual(["for ada"]));
    counts.stop();
    await connection.mutation(add("r"));
    expect(counts.values.at(-1)).toBe(1);
  });

  test("failures are values, promises reject with them, and watching goes on", async () => {
    const connection = connect();
    const boom = watching(connection, { path: "notes:boom", args: { room: "b", at: 1 }, schema: z.string() });
    await eventually(() => expect(boom.values).toEqual(["calm"]));
    await lab.write("b", ["x"]);
    await eventually(() => expect(boom.failures).toMatchObject([{ kind: "server", message: "boom" }]));
    await expect(connection.query({ ...secret, path: "notes:nothing" })).rejects.toMatchObject({
      name: "FailureError",
      failure: { kind: "unsupported" },
    });
    await expect(connection.query(secret)).rejects.toMatchObject({ failure: { kind: "auth" } });
    await expect(
      connection.mutation({ path: "notes:addThenThrow", args: { room: "b" }, schema: z.null() }),
    ).rejects.toMatchObject({ failure: { kind: "conflict", message: "no" } });
  });

  test("an answer of another shape is a decode failure, not a wrong value", async () => {
    const connection = connect();
    const odd = watching(connection, { ...count("r"), schema: z.string() });
    await eventually(() => expect(odd.failures).toMatchObject([{ kind: "decode" }]));
    expect(odd.failures[0]?.message).toContain("notes:count");
    expect(odd.values).toEqual([]);
    await expect(connection.query({ ...count("r"), schema: z.string() })).rejects.toMatchObject({
      failure: { kind: "decode" },
    });
  });

  test("a sink that throws is reported, and hurts no other", async () => {
    const crashes: unknown[] = [];
    const connection = connect({ onCrash: (error) => crashes.push(error) });
    connection.watch(count("r"), {
      next: () => {
        throw new Error("painter broke");
      },
      fail: () => undefined,
    });
    const other = watching(connection, count("r"));
    await eventually(() => expect(other.values).toEqual([0]));
    await connection.mutation(add("r"));
    expect(other.values).toEqual([0, 1]);
    expect(crashes.map(String)).toEqual(["Error: painter broke", "Error: painter broke"]);
  });

  test("the link is told: connecting, live, lost with a time to retry, live again at once on request", async () => {
    const connection = connect();
    const links: Link[] = [];
    connection.watchLink((link) => links.push(link));
    const counts = watching(connection, count("r"));
    await eventually(() => expect(counts.values).toEqual([0]));
    expect(links.map(({ state }) => state)).toEqual(["connecting", "live"]);
    const beforeMs = Date.now();
    await lab.stop();
    await eventually(() => expect(links.at(-1)).toMatchObject({ state: "lost", attempt: 1 }));
    const lost = links.find((link) => link.state === "lost");
    expect(lost?.since).toBeLessThanOrEqual(beforeMs);
    expect(lost?.retryAt).toBeGreaterThan(beforeMs);
    await lab.write("r", ["meanwhile"]);
    await lab.start();
    connection.retryNow();
    await eventually(() => expect(counts.values).toEqual([0, 1]));
    expect(links.at(-1)?.state).toBe("live");
    expect(Date.now()).toBeLessThan((lost?.retryAt ?? 0) + 5000);
  });

  test("where nobody answers the link is lost, and a question times out", async () => {
    await lab.stop();
    const connection = connect({ queryTimeoutMs: 50 });
    const links: Link[] = [];
    connection.watchLink((link) => links.push(link));
    await eventually(() => expect(links.at(-1)).toMatchObject({ state: "lost", attempt: 1 }));
    expect(links.at(-1)).toMatchObject({ reason: `no answer from ${new URL(lab.url).host}` });
    await expect(connection.query(count("r"))).rejects.toMatchObject({ failure: { kind: "timeout" } });
  });

  test("a refused token: nothing is shown; retry asks for the token again", async () => {
    let token = lab.tokens.bad;
    const connection = connect({ fetchToken: async () => Promise.resolve(token) });
    const own = watching(connection, secret);
    await eventually(() => expect(own.failures).toMatchObject([{ kind: "auth" }]));
    token = lab.tokens.key("ada");
    connection.retryNow();
    await eventually(() => expect(own.values).toEqual(["for ada"]));
  });

  test("a lab that restarts with another token is followed, when the token can be fetched anew", async () => {
    let token = lab.tokens.shortKey("old", 150);
    const connection = connect({ fetchToken: async () => Promise.resolve(token) });
    const own = watching(connection, secret);
    await eventually(() => expect(own.values).toEqual(["for old"]));
    token = lab.tokens.key("new");
    await eventually(() => expect(own.values).toEqual(["for old", "for new"]));
  });

  test("closing ends what waits, in words", async () => {
    await lab.stop();
    const connection = connect();
    const waiting = Promise.allSettled([connection.query(count("r")), connection.mutation(add("r"))]);
    await connection.close();
    const aborted = { status: "rejected", reason: { failure: { kind: "aborted" } } };
    expect(await waiting).toMatchObject([aborted, aborted]);
    await expect(connection.query(count("r"))).rejects.toMatchObject({ failure: { kind: "aborted" } });
    connection.retryNow();
  });
});
