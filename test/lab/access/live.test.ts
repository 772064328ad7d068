import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { attachSync } from "../../../src/lab/sync/server.js";
import { openAccess } from "./access-fixture.js";

/** The lab of the fixture with its socket open. */
async function openLive() {
  const lab = await openAccess();
  // Sockets end with their tokens by the machine's clock.
  lab.clock.at = Date.now();
  const http = createServer();
  const sync = attachSync(http, lab.backend);
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(async () => {
    await sync.close();
    http.close();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const connect = (token: string) => {
    const client = new ConvexClient(url, { webSocketConstructor: WebSocket as never, logger: false });
    onTestFinished(() => client.close());
    const states: boolean[] = [];
    client.setAuth(
      async () => Promise.resolve(token),
      (isKnown) => states.push(isKnown),
    );
    const seen: unknown[] = [];
    const refused: unknown[] = [];
    client.onUpdate(
      makeFunctionReference<"query">("labs:list"),
      {},
      (labs) => seen.push(labs),
      (error: Error & { data?: { code?: string } }) => refused.push(error.data?.code),
    );
    return { seen, states, refused };
  };
  return { ...lab, connect };
}

test("an open connection loses what its key could see as soon as the key is revoked", async () => {
  const { connect, data, makeKey } = await openLive();
  const { key, id } = await makeKey({ scopes: ["labs:read"] });
  const mine = connect(key);
  const owners = connect("owner");
  await vi.waitFor(() => expect([mine.seen.length, owners.seen.length]).toEqual([1, 1]));
  mine.refused.length = 0;
  await data("owner", `DELETE /v1/auth/keys/${id}`);
  await vi.waitFor(() => expect(mine.refused).toContain("unauthorized"), 5000);
  expect(mine.states.at(-1)).toBe(false);
  const before = mine.seen.length;
  await data("owner", "POST /v1/labs", { body: { name: "Unseen" } });
  await vi.waitFor(() => expect(owners.seen.at(-1)).toHaveLength(2));
  expect(mine.seen.length).toBe(before);
});

test("a session that is ended goes too; others stay as they are", async () => {
  const { connect, data } = await openLive();
  const start = () => data<{ token: string }>("owner", "POST /v1/auth/sessions", { body: { agentId: "a" } });
  const [ended, kept] = [await start(), await start()];
  const [first, second] = [connect(ended.token), connect(kept.token)];
  await vi.waitFor(() => expect([first.seen.length, second.seen.length]).toEqual([1, 1]));
  // What was asked before a client had said who it is.
  await vi.waitFor(() => expect([first.states.at(-1), second.states.at(-1)]).toEqual([true, true]));
  for (const { refused } of [first, second]) refused.length = 0;
  await data("owner", "POST /v1/auth/sessions/end", { body: { token: ended.token } });
  await vi.waitFor(() => expect(first.refused).toContain("unauthorized"), 5000);
  expect(second.refused).toEqual([]);
  expect(second.states.at(-1)).toBe(true);
});

test("a subscription is counted when it begins, not when it runs again", async () => {
  const { connect, data, makeKey } = await openLive();
  const { key } = await makeKey({ scopes: ["labs:read"] });
  const mine = connect(key);
  await vi.waitFor(() => expect(mine.seen.length).toBe(1));
  for (let i = 0; i < 110; i++) await data("owner", "PATCH /v1/labs/dark-energy", { body: { description: `${i}` } });
  await vi.waitFor(() => expect(JSON.stringify(mine.seen.at(-1))).toContain('"109"'));
  const others = Array.from({ length: 3 }, () => connect(key));
  await vi.waitFor(() => expect(others.every(({ seen }) => seen.length === 1)).toBe(true));
});
