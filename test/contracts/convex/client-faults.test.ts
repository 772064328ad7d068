import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { openConvexConnection } from "../../../src/clients/convex/convex-connection.js";
import type { Link } from "../../../src/contract/connection.js";
import { eventually } from "./client-kit.js";
import { type Fault, faultyServer } from "./faulty-server.js";

// What the official client does when a server is broken, and what ours makes of it.

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(sequence: readonly Fault[]) {
  const server = await faultyServer(sequence);
  closing.push(server.close);
  return server;
}

function runPlainClient(url: string): Promise<string> {
  const script = fileURLToPath(new URL("./plain-client.ts", import.meta.url));
  return new Promise((resolve) =>
    execFile(process.execPath, [script, url], (_error, stdout) => resolve(stdout.trim())),
  );
}

test.concurrent.each([
  ["19", "fatalError", "another protocol"],
  ["20", "startVersion", "Invalid start version"],
  ["21", "fieldName", "invalid character"],
] as const)("%s a plain client dies of %s", async (_number, fault, words) => {
  const server = await faultyServer([fault]);
  const said = JSON.parse(await runPlainClient(server.url)) as { uncaught?: string };
  server.close();
  expect(said.uncaught).toContain(words);
});

const request = { path: "notes:list", args: {}, schema: z.string() };

test("22 ours reports two broken answers and has the good one from the third connection", async () => {
  const server = await serve(["startVersion", "fieldName", "none"]);
  const crashes: string[] = [];
  const values: string[] = [];
  const connection = openConvexConnection({ url: server.url, onCrash: (error) => crashes.push(String(error)) });
  closing.unshift(() => connection.close());
  connection.watch(request, { next: (value) => values.push(value), fail: () => undefined });
  await eventually(() => {
    connection.retryNow();
    expect(values).toEqual(["good"]);
  });
  expect(crashes).toEqual([
    expect.stringContaining("Invalid start version"),
    expect.stringContaining("invalid character"),
  ]);
  expect(server.connections()).toBe(3);
});

test("22b after a FatalError ours begins anew with everything that was watched", async () => {
  const server = await serve(["fatalError", "none"]);
  const values: string[] = [];
  const links: Link[] = [];
  const connection = openConvexConnection({ url: server.url });
  closing.unshift(() => connection.close());
  connection.watchLink((link) => links.push(link));
  connection.watch(request, { next: (value) => values.push(value), fail: () => undefined });
  await eventually(() =>
    expect(links.at(-1)).toMatchObject({
      state: "lost",
      reason: expect.stringContaining("another protocol") as string,
    }),
  );
  connection.retryNow();
  await eventually(() => expect(values).toEqual(["good"]));
  expect(links.at(-1)?.state).toBe("live");
});

test("31 other client versions", ({ skip }) => {
  console.log("skipped: only the pinned convex client is installed; run the suite with another one before a bump");
  skip("only the pinned convex client is installed");
});
