import { expect, test } from "vitest";
import { followEvents } from "../../../src/clients/http/follow-events.js";
import type { Http, StreamCall } from "../../../src/clients/http/http.js";
import { type Failure, FailureError } from "../../../src/core/failure.js";

type Connection = Failure | { readonly text: string; readonly isCut?: boolean };

/** Each opening takes the next of `connections`; when there are none left the follower is aborted. */
function scripted(connections: Connection[]) {
  const stop = new AbortController();
  const asked: (string | undefined)[] = [];
  const slept: number[] = [];
  const http = {
    stream: async (_path: string, { headers }: StreamCall) => {
      asked.push(headers?.["last-event-id"]);
      const next = connections.shift();
      if (next === undefined) {
        stop.abort();
        throw new FailureError({ kind: "aborted", message: "cancelled" });
      }
      if ("kind" in next) throw new FailureError(next);
      return (async function* () {
        yield new TextEncoder().encode(next.text);
        if (next.isCut === true) throw new FailureError({ kind: "network", message: "cut" });
      })();
    },
  } as unknown as Http;
  const time = { now: () => 0, random: () => 1, sleep: async (ms: number) => void slept.push(ms) };
  return { http, time, asked, slept, signal: stop.signal };
}

async function follow(connections: Connection[], after?: string) {
  const { http, time, signal, asked, slept } = scripted(connections);
  const lost: string[] = [];
  const seen: string[] = [];
  const options = { after, signal, time, onLost: (failure: Failure) => void lost.push(failure.message) };
  try {
    for await (const events of followEvents(http, "/logs", options)) seen.push(...events.map(({ data }) => data));
  } catch (error) {
    return { seen, asked, slept, lost, error: (error as FailureError).failure };
  }
  return { seen, asked, slept, lost };
}

test("goes on after the last event it took, with the id verbatim", async () => {
  const result = await follow(
    [
      { text: "id: 2026-06-01T12:02:03Z/0001\ndata: a\n\nid: 2026-06-01T12:02:03Z/0002\ndata: b", isCut: true },
      { text: "id: 2026-06-01T12:02:03Z/0002\ndata: b\n\n" },
    ],
    "2026-06-01T12:02:00Z/0009",
  );
  expect(result.seen).toEqual(["a", "b"]);
  expect(result.asked).toEqual(["2026-06-01T12:02:00Z/0009", "2026-06-01T12:02:03Z/0001", "2026-06-01T12:02:03Z/0002"]);
  expect(result.lost[0]).toBe("cut");
});

test("waits 0.5 s to 15 s, and from the start again once something came", async () => {
  const down: Failure = { kind: "network", message: "down" };
  const { slept } = await follow([down, down, down, down, down, down, down, { text: "id: 1\ndata: a\n\n" }]);
  expect(slept).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 500]);
});

test.each([401, 403, 404, 410, 422])("%i ends it", async (status) => {
  const { error, asked } = await follow([{ kind: "invalid", message: "no", status }, { text: "data: a\n\n" }]);
  expect(error?.status).toBe(status);
  expect(asked).toHaveLength(1);
});

test.each([429, 500, 503])("%i is tried again", async (status) => {
  const { seen } = await follow([{ kind: "server", message: "no", status }, { text: "data: a\n\n" }]);
  expect(seen).toEqual(["a"]);
});
