import { expect, test, vi } from "vitest";
import { LogEntry } from "../../../src/contract/log-entry.js";
import { outcome } from "../services/lab-fixture.js";
import { openRest } from "./rest-fixture.js";

async function openLog(heartbeatMs?: number) {
  const rest = await openRest(heartbeatMs === undefined ? {} : { heartbeatMs });
  const { _id } = await rest.create();
  await rest.experiments.claim(_id, "p");
  const append = (...messages: string[]) =>
    rest.store.change(async ({ touch }) => {
      rest.logs.append(_id, ...messages);
      touch(`logs:${_id}`);
    });
  const end = () =>
    rest.store.change(async ({ touch }) => {
      rest.logs.end();
      touch(`logs:${_id}`);
    });
  const stream = async (lastEventId?: string, query = "") => {
    const abort = new AbortController();
    const headers = {
      accept: "text/event-stream",
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    };
    const response = await rest.ask("GET", `/v1/experiments/EXP-001/logs${query}`, { headers, signal: abort.signal });
    return { response, ...readEvents(response), stop: () => abort.abort() };
  };
  return { ...rest, _id, append, end, stream };
}

interface Event {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly text: string;
}

/** Collects what a stream sends: events as they are, comments by their text. */
function readEvents(response: Response) {
  const events: Event[] = [];
  const comments: string[] = [];
  const read = async () => {
    let rest = "";
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      rest += chunk;
      for (let at = rest.indexOf("\n\n"); at >= 0; at = rest.indexOf("\n\n")) {
        take(rest.slice(0, at));
        rest = rest.slice(at + 2);
      }
    }
  };
  const take = (block: string) => {
    const fields = (name: string) =>
      block.split("\n").flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []));
    if (block.startsWith(":")) comments.push(block.slice(2));
    else events.push({ event: fields("event")[0], id: fields("id")[0], text: fields("data").map(message).join("") });
  };
  const message = (line: string) => {
    const parsed = LogEntry.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data.message : line;
  };
  const done = read().catch(() => undefined);
  return {
    events,
    comments,
    done,
    text: () =>
      events
        .filter(({ event }) => event === "log")
        .map(({ text }) => text)
        .join(""),
  };
}

test("the last lines, and the lines before them by cursor", async () => {
  const { json, append } = await openLog();
  await append("a", "b", "c", "d", "e", "f", "g");
  const page = async (query: string) => {
    const { body } = await json("GET", `/v1/experiments/EXP-001/logs${query}`);
    const text = LogEntry.array()
      .parse(body.data)
      .map(({ message }) => message)
      .join("");
    return [text, body.meta?.["next_cursor"], body.meta?.["has_more"]];
  };
  const [last, first, more] = await page("?limit=3");
  expect([last, more]).toEqual(["efg", true]);
  const [middle, second] = await page(`?limit=3&cursor=${String(first)}`);
  expect(middle).toBe("bcd");
  expect(await page(`?limit=3&cursor=${String(second)}`)).toEqual(["a", null, false]);
  expect(await page("?limit=3&before=4")).toEqual(["bcd", expect.any(String), true]);
  expect(await page("")).toEqual(["abcdefg", null, false]);
});

test("a level's lines, newest first by page", async () => {
  const { json, append } = await openLog();
  await append("E1", "x", "E2", "y", "E3", "z");
  const page = async (query: string) => {
    const { body } = await json("GET", `/v1/experiments/EXP-001/logs?level=error&${query}`);
    return [
      LogEntry.array()
        .parse(body.data)
        .map(({ message }) => message)
        .join(""),
      body.meta?.["next_cursor"],
    ];
  };
  const [last, cursor] = await page("limit=1");
  expect(last).toBe("E3");
  expect(await page(`limit=1&cursor=${String(cursor)}`)).toEqual(["E2", expect.any(String)]);
  expect(await page(`limit=9&cursor=${String(cursor)}`)).toEqual(["E1E2", null]);
});

test.each(["?limit=1001", "?level=fatal", "?cursor=x", "?since=yesterday", "?attempt=0", "?q=", "?minLevel=all"])(
  "logs%s is a 422",
  async (query) => {
    const { json } = await openLog();
    expect((await json("GET", `/v1/experiments/EXP-001/logs${query}`)).status).toBe(422);
  },
);

test("a stream sends what is there, then what comes, then its end", async () => {
  const { append, end, stream } = await openLog();
  await append("a", "b", "c", "d");
  const reader = await stream();
  expect(reader.response.headers.get("content-type")).toContain("text/event-stream");
  expect(reader.response.headers.get("x-ratelimit-limit")).toBe("1000");
  await vi.waitFor(() => expect(reader.text()).toBe("abcd"));
  expect(reader.events.map(({ id }) => id)).toEqual(["1:30", "1:40"]);
  await append("e");
  await vi.waitFor(() => expect(reader.text()).toBe("abcde"));
  await end();
  await reader.done;
  expect(reader.events.at(-1)).toMatchObject({ event: "end" });
});

test("a reader that comes back misses nothing and sees nothing twice", async () => {
  const { append, end, stream } = await openLog();
  await append("a", "b", "c", "d", "e");
  const first = await stream();
  await vi.waitFor(() => expect(first.text()).toBe("abcde"));
  first.stop();
  const [, seenUpTo] = first.events.map(({ id }) => id);
  await append("f", "g", "h");
  const second = await stream(first.events[0]?.id);
  await vi.waitFor(() => expect(second.text()).toBe("defgh"));
  const third = await stream(seenUpTo);
  await vi.waitFor(() => expect(third.text()).toBe("fgh"));
  await end();
  await Promise.all([second.done, third.done]);
  expect((await stream("1:80")).response.status).toBe(204);
});

test("a level filters the lines, but the id still moves on", async () => {
  const { append, end, stream } = await openLog();
  await append("E1", "x", "y", "z", "z", "E2");
  await end();
  const reader = await stream(undefined, "?level=error");
  await reader.done;
  expect(reader.events).toEqual([
    { event: "log", id: "1:30", text: "E1" },
    { event: "log", id: "1:60", text: "E2" },
    { event: "end", id: "1:60", text: "{}" },
  ]);
  const quiet = await stream(undefined, "?level=warn");
  await quiet.done;
  expect(quiet.events.map(({ id, text }) => [id, text])).toEqual([
    ["1:30", ""],
    ["1:60", ""],
    ["1:60", "{}"],
  ]);
});

test("a stream takes a level and above, and refuses what only pages can do", async () => {
  const { append, end, stream } = await openLog();
  await append("E1", "x", "E2");
  await end();
  const reader = await stream(undefined, "?minLevel=warn");
  await reader.done;
  expect(reader.text()).toBe("E1E2");
  expect((await stream(undefined, "?q=x")).response.status).toBe(422);
});

test("a new attempt starts the stream's log afresh", async () => {
  const { append, stream, experiments, _id } = await openLog();
  await append("a");
  const reader = await stream();
  await vi.waitFor(() => expect(reader.text()).toBe("a"));
  await experiments.settle(_id, 1, outcome("fail"));
  await experiments.restart(_id);
  await experiments.claim(_id, "p");
  await vi.waitFor(() =>
    expect(reader.events.slice(1, 3)).toMatchObject([{ event: "restarted" }, { id: "2:10", text: "a" }]),
  );
  reader.stop();
});

test("a silent stream is kept alive by a comment", async () => {
  const { stream } = await openLog(20);
  const reader = await stream();
  await vi.waitFor(() => expect(reader.comments.slice(0, 2)).toEqual(["ping", "ping"]));
  reader.stop();
});

test("an id of something else is a 422, a deleted experiment ends the stream", async () => {
  const { stream, experiments, _id } = await openLog();
  expect((await stream("abc")).response.status).toBe(422);
  const reader = await stream();
  await experiments.settle(_id, 1, outcome("fail"));
  await experiments.remove(_id);
  await reader.done;
  expect(reader.events.at(-1)).toMatchObject({ event: "end" });
});
