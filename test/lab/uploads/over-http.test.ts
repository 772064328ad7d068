import { once } from "node:events";
import { readdirSync } from "node:fs";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { afterEach, expect, test, vi } from "vitest";
import { openRest } from "../routes/rest-fixture.js";
import { form, png } from "./images.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

async function listening() {
  const rest = await openRest();
  const server = createAdaptorServer({ fetch: rest.app.fetch }) as Server;
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/figures`;
  const uploads = () => {
    try {
      return readdirSync(join(rest.dataDir, "uploads"), { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      );
    } catch {
      return [];
    }
  };
  return { ...rest, url, uploads };
}

const authorization = "Bearer secret";

test("a figure comes over a connection", async () => {
  const { url, labId } = await listening();
  const body = form({ labId, title: "t" }, { bytes: Buffer.concat([png(), Buffer.alloc(20 * 2 ** 20)]) });
  const response = await fetch(url, { method: "POST", headers: { authorization }, body });
  expect(response.status).toBe(201);
});

/** Sends on until the answer comes, and goes on sending after it. */
function sendForever(url: string, begin: string, chunk: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, "content-type": "multipart/form-data; boundary=b" };
    const sent = request(url, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.write(begin);
    const more = () => {
      if (!sent.destroyed) sent.write(chunk, () => setImmediate(more));
    };
    more();
  });
}

const begin = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n';

test("who sends too much is told so, and leaves nothing behind", async () => {
  const { url, uploads } = await listening();
  expect(await sendForever(url, begin, Buffer.alloc(2 ** 20, 1))).toBe(413);
  await vi.waitFor(() => expect(uploads()).toEqual([]));
});

test("who sends something else is told so", async () => {
  const { url, uploads } = await listening();
  const other = begin.replace('name="file"', 'name="image"');
  expect(await sendForever(url, other, Buffer.alloc(2 ** 16, 1))).toBe(422);
  expect(uploads()).toEqual([]);
});

test("who goes away in the middle leaves nothing behind", async () => {
  const { url, uploads } = await listening();
  const headers = { authorization, "content-type": "multipart/form-data; boundary=b" };
  const sent = request(url, { method: "POST", headers });
  sent.on("error", () => undefined);
  sent.write(begin);
  sent.write(Buffer.alloc(2 ** 20, 1));
  await vi.waitFor(() => expect(uploads()).toHaveLength(1));
  sent.destroy();
  await vi.waitFor(() => expect(uploads()).toEqual([]));
});
