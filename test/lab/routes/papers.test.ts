import { expect, test } from "vitest";
import { openRest } from "./rest-fixture.js";

test("a version of 1 MiB is taken, whatever its letters are in JSON; a larger one is not", async () => {
  const { ask, json, labId, services } = await openRest();
  await services.papers.create({ labId, title: "Long" });
  const address = "/v1/papers/long/versions";
  const largest = await ask("POST", address, { body: { content: "\u0001".repeat(2 ** 20) } });
  expect(largest.status).toBe(201);
  expect((await json("POST", address, { body: { content: "x".repeat(2 ** 20 + 1) } })).body.error).toMatchObject({
    code: "validation_error",
    message: expect.stringMatching(/^content: /) as string,
  });
  expect((await json("POST", address, { body: { content: "Ω".repeat(2 ** 20) } })).status).toBe(413);
  expect((await json("POST", address, { body: { content: "x".repeat(9 * 2 ** 20) } })).status).toBe(413);
  expect((await services.papers.get("long")).version).toBe(1);
  expect((await json("GET", `${address}/1`)).body.data).toMatchObject({ version: 1, sizeBytes: 2 ** 20 });
  expect((await json("GET", `${address}/two`)).status).toBe(422);
});
