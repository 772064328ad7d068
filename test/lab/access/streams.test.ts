import { expect, onTestFinished, test, vi } from "vitest";
import { openAccess } from "./access-fixture.js";

/** A lab with a running experiment whose log is followed. */
async function open(heartbeatMs = 15_000) {
  const lab = await openAccess({}, { heartbeatMs });
  const { _id } = await lab.create();
  await lab.experiments.claim(_id, "pod");
  const follow = async (token: string, path = `/v1/experiments/${_id}/logs`) => {
    const closing = new AbortController();
    onTestFinished(() => closing.abort());
    const response = await lab.app.request(path, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
      signal: closing.signal,
    });
    const seen = { status: response.status, text: "", isOver: false };
    const read = async () => {
      for await (const part of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
        new TextDecoderStream(),
      )) {
        seen.text += part;
      }
      seen.isOver = true;
    };
    void read().catch(() => undefined);
    return seen;
  };
  const pings = async (...streams: Awaited<ReturnType<typeof follow>>[]) =>
    vi.waitFor(() => expect(streams.every(({ text }) => text.includes(": ping"))).toBe(true));
  const say = (message: string) =>
    lab.store.change(async ({ touch }) => {
      lab.logs.append(_id, message);
      touch(`logs:${_id}`);
    });
  return { ...lab, follow, pings, say };
}

const gone = 'event: end\ndata: {"reason":"the token was revoked, or has expired"}';

test("a stream of a log ends when its key is revoked; the others go on", async () => {
  const { follow, say, makeKey, data } = await open();
  const { key, id } = await makeKey({ scopes: ["experiments:read"] });
  const { key: other } = await makeKey({ scopes: ["experiments:read"] });
  const [mine, others, owners] = [await follow(key), await follow(other), await follow("owner")];
  await data("owner", `DELETE /v1/auth/keys/${id}`);
  await vi.waitFor(() => expect(mine.isOver).toBe(true));
  expect(mine.text).toContain(gone);
  await say("one more");
  await vi.waitFor(() =>
    expect([others.text, owners.text]).toEqual(Array(2).fill(expect.stringContaining("one more"))),
  );
  expect([others.isOver, owners.isOver]).toEqual([false, false]);
  expect((await follow(key)).status).toBe(401);
});

test("and when its token expires", async () => {
  const { follow, pings, data, clock } = await open(20);
  const body = { agentId: "a", ttl: 60 };
  const { token } = await data<{ token: string }>("owner", "POST /v1/auth/sessions", { body });
  const [mine, owners] = [await follow(token), await follow("owner")];
  await pings(mine, owners);
  clock.at += 61_000;
  await vi.waitFor(() => expect(mine.text).toContain(gone));
  owners.text = "";
  await pings(owners);
});

test("so does a pod's own log, without waiting for its next line", async () => {
  const { follow, makeKey, data, services } = await open();
  let isClosed = false;
  services.pods.followLog = async function* (_, { signal }) {
    yield [{ id: "1", at: 1, source: "container", line: "up" }];
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    isClosed = true;
  };
  const { key, id } = await makeKey({ scopes: ["pods:read"] });
  const stream = await follow(key, "/v1/pods/podaaa/logs");
  await vi.waitFor(() => expect(stream.text).toContain('"up"'));
  await data("owner", `DELETE /v1/auth/keys/${id}`);
  await vi.waitFor(() => expect(stream.isOver).toBe(true));
  expect(stream.text).toContain(gone);
  expect(isClosed).toBe(true);
});
