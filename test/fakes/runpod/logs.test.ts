import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Asking, openLog, startAsking } from "./asking.js";

describe("log streams of the fake", () => {
  let asking: Asking;
  let id: string;
  beforeEach(async () => {
    asking = await startAsking();
    id = asking.control.addPod({ name: "p", ageMs: 0 });
    asking.control.log(id, "container", "one", "two", "three");
  });
  afterEach(() => asking.fake.close());

  const open = (query: string, headers?: Record<string, string>) =>
    openLog(asking.fake, `/v2/pods/${id}/logs?${query}`, headers);

  test("the tail first, then what is written, by source", async () => {
    const log = await open("source=container&tail=2");
    expect(log.response.headers.get("content-type")).toBe("text/event-stream");
    await vi.waitFor(() => expect(log.lines()).toEqual(["two", "three"]));
    asking.control.log(id, "system", "not this");
    asking.control.log(id, "container", "four");
    await vi.waitFor(() => expect(log.lines()).toEqual(["two", "three", "four"]));
    expect(log.ended()).toBe("open");
    await log.close();
    await vi.waitFor(() => expect(asking.control.openStreams()).toBe(0));
  });

  test("resuming after an id repeats and skips nothing, and wins over tail and since", async () => {
    const first = await open("source=container&tail=3");
    await vi.waitFor(() => expect(first.lines()).toHaveLength(3));
    const after = first.ids()[0] ?? "";
    await first.close();
    const second = await open("source=container&tail=1&since=2020-01-01T00:00:00Z", { "last-event-id": after });
    await vi.waitFor(() => expect(second.lines()).toEqual(["two", "three"]));
    await second.close();
  });

  test("a boot tells of the image it fetches", async () => {
    const { json } = await asking.ask("POST", "/v2/pods", {
      name: "new",
      image: "a/b:c",
      gpu: { id: "NVIDIA H200", count: 1 },
    });
    const log = await openLog(asking.fake, `/v2/pods/${String(json["id"])}/logs?source=system`);
    asking.control.advance(5000);
    await vi.waitFor(() => expect(log.text()).toContain("Pulling from a/b"));
    expect(log.text()).not.toContain("container is up");
    asking.control.advance(5000);
    await vi.waitFor(() => expect(log.text()).toContain("container is up"));
    await log.close();
  });

  test("a connection that breaks in a frame, after so many bytes or now", async () => {
    asking.control.streams({ cutAfterBytes: 70 });
    const cut = await open("tail=3");
    await vi.waitFor(() => expect(cut.ended()).toBe("broken"));
    expect(cut.text()).toHaveLength(70);
    const next = await open("source=container&tail=3");
    await vi.waitFor(() => expect(next.lines()).toHaveLength(3));
    asking.control.cutStreams(id);
    await vi.waitFor(() => expect(next.ended()).toBe("broken"));
    expect(next.text().endsWith("\n\n")).toBe(false);
  });

  test("slow, with CRLF, with keepalives and a huge line of many bytes a letter", async () => {
    asking.control.streams({ chunkBytes: 7, crlf: true, keepaliveMs: 20 });
    const log = await open("source=container&tail=1");
    await vi.waitFor(() => expect(log.text()).toContain(":\r\n\r\n"));
    asking.control.streams({ chunkBytes: 65_537 });
    const huge = "é".repeat(500_000);
    asking.control.log(id, "container", huge);
    await vi.waitFor(() => expect(log.lines().at(-1)).toBe(huge), { timeout: 10_000 });
    await log.close();
  });

  test("a tail beyond 5000 is refused", async () => {
    expect((await asking.ask("GET", `/v2/pods/${id}/logs?tail=5001`)).status).toBe(422);
  });
});
