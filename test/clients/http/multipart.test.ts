import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Busboy } from "@fastify/busboy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createHttp } from "../../../src/clients/http/http.js";

/** What a lab understands of it: the fields and the file, read by the library that the lab uses. */
const server = createServer((request, response) => {
  const fields: Record<string, string> = {};
  const got = { name: "", text: "", fields };
  const form = new Busboy({ headers: { ...request.headers, "content-type": request.headers["content-type"] ?? "" } });
  form.on("field", (name, value) => (fields[name] = value));
  form.on("file", (_, bytes, name) => {
    got.name = name;
    bytes.on("data", (part: Buffer) => (got.text += part.toString()));
  });
  form.on("finish", () => {
    const isRefused = fields["labId"] === "full";
    response.statusCode = isRefused ? 413 : 201;
    const refusal = { error: { code: "validation_error", message: "file: too large", status: 413 } };
    response.end(JSON.stringify(isRefused ? refusal : got));
  });
  request.pipe(form);
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
  expect(answer).toMatchObject({ name: "a%22b.txt", text: "one\r\n--two", fields: { labId: "l", path: "/ä b" } });
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
