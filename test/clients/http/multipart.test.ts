import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createHttp } from "../../../src/clients/http/http.js";

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", async () => {
    const body = Buffer.concat(parts);
    const type = request.headers["content-type"] ?? "";
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    const file = form.get("file") as File;
    const fields = Object.fromEntries([...form].filter(([name]) => name !== "file"));
    response.statusCode = fields["labId"] === "full" ? 413 : 201;
    const refusal = { error: { code: "validation_error", message: "file: too large", status: 413 } };
    const answer = { name: file.name, text: await file.text(), fields };
    response.end(JSON.stringify(response.statusCode === 413 ? refusal : answer));
  });
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

const http = () =>
  createHttp({
    baseUrl: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: () => "t",
  });
const Answer = z.looseObject({ name: z.string(), text: z.string(), fields: z.record(z.string(), z.string()) });
const signal = new AbortController().signal;

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

test("a file and its fields arrive as they were, whatever the name", async () => {
  const client = http();
  const answer = await client.upload("/v1/files/upload", {
    expect: Answer,
    fields: { labId: "l", path: "/ä b", none: undefined },
    file: { name: 'a"b.txt', bytes: pieces("one\r\n", "--two") },
    signal,
  });
  await client.close();
  expect(answer).toMatchObject({ name: 'a"b.txt', text: "one\r\n--two", fields: { labId: "l", path: "/ä b" } });
  expect(answer.fields).not.toHaveProperty("none");
});

test("a refusal is told in the server's words", async () => {
  const client = http();
  const call = { expect: Answer, fields: { labId: "full" }, file: { name: "a", bytes: pieces("x") }, signal };
  await expect(client.upload("/v1/files/upload", call)).rejects.toThrow("file: too large");
  await client.close();
});

test("a file that can't be read to its end is no upload", async () => {
  const client = http();
  const bytes = (async function* () {
    yield Buffer.from("half");
    throw new Error("disk");
  })();
  const call = { expect: Answer, fields: { labId: "l" }, file: { name: "a", bytes }, signal };
  await expect(client.upload("/v1/files/upload", call)).rejects.toMatchObject({ failure: { kind: "network" } });
  await client.close();
});
