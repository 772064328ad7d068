import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Figure } from "../../../src/contract/figure.js";
import { png } from "../uploads/images.js";
import { openRest } from "./rest-fixture.js";

const media = "/api/pipeline/upload-media";

test("an agent that nobody has registered reports, and is a worker then", async () => {
  const { json, labId, services } = await openRest();
  const body = {
    labId: "dark-energy",
    agent: "vps-worker",
    kind: "error",
    message: "no disk",
    metadata: { host: "a" },
  };
  const reported = await json("POST", "/api/pipeline/activity", { body });
  expect([reported.status, reported.body.data]).toEqual([
    201,
    expect.objectContaining({ labId, kind: "error", message: "no disk", metadata: { host: "a" } }),
  ]);
  expect(await services.agents.get("vps-worker")).toMatchObject({ role: "worker" });
  const unknown = await json("POST", "/api/pipeline/activity", { body: { ...body, labId: "nothing" } });
  expect(unknown.body.error).toMatchObject({ code: "not_found" });
});

test("a version is recorded for the paper of that id or slug", async () => {
  const { json, labId, services } = await openRest();
  const { _id } = await services.papers.create({ labId, title: "Evolving" });
  const record = (body: object) => json("POST", "/api/pipeline/paper-version", { body });
  expect((await record({ slug: "evolving", content: "one" })).body.data).toMatchObject({ paperId: _id, version: 1 });
  expect((await record({ paperId: _id, content: "two", editor: "vps" })).body.data).toMatchObject({ version: 2 });
  expect((await record({ paperId: _id, content: "two" })).body.data).toMatchObject({ version: 2, editor: "vps" });
  expect((await record({ content: "three" })).body.error?.message).toMatch(/^paperId: name the paper/);
  expect((await record({ paperId: _id, slug: "evolving", content: "x" })).body.error?.message).toMatch(/^slug: /);
  expect((await record({ slug: "nothing", content: "x" })).status).toBe(404);
});

test("a base64 PNG becomes a figure of its paper and experiment, byte for byte", async () => {
  const { json, ask, labId, services, create } = await openRest();
  const paper = await services.papers.create({ labId, title: "Evolving" });
  const experiment = await create({ experimentId: "EXP-054" });
  const bytes = png();
  const about = { labId, title: "w0-wa", paperId: "evolving", experimentId: "EXP-054", figureType: "chart" };
  const sent = await json("POST", media, { body: { ...about, data: bytes.toString("base64") } });
  expect([sent.status, sent.body.data]).toEqual([
    201,
    expect.objectContaining({
      title: "w0-wa",
      mimeType: "image/png",
      paperId: paper._id,
      experimentId: experiment._id,
      figureType: "chart",
      source: "pipeline",
    }),
  ]);
  const stored = await ask("GET", (sent.body.data as Figure).downloadUrl);
  expect(Buffer.from(await stored.arrayBuffer())).toEqual(bytes);
  for (const [field, value] of [
    ["experimentId", "EXP-999"],
    ["paperId", "nothing"],
  ] as const) {
    const refused = await json("POST", media, { body: { ...about, [field]: value, data: bytes.toString("base64") } });
    expect(refused.body.error?.message).toBe(`${field}: ${value} does not exist in this lab`);
  }
  const url = `data:image/png;base64,${bytes.toString("base64")}`;
  const lines = bytes.toString("base64").replaceAll(/.{76}/g, "$&\n");
  for (const data of [url, lines]) {
    const again = await json("POST", media, { body: { labId, title: "again", data } });
    expect(again.body.data).toMatchObject({ sha256: (sent.body.data as Figure).sha256 });
  }
});

test.each([
  ["no base64", "not base64!", 422],
  ["base64 that was cut", png().toString("base64").slice(0, -1), 422],
  [
    "base64 with something between",
    `${png().toString("base64").slice(0, 40)}*${png().toString("base64").slice(41)}`,
    422,
  ],
  ["a picture of another kind", Buffer.from("GIF89a".padEnd(60, "x")).toString("base64"), 422],
  ["nothing", "", 422],
])("%s is refused, and nothing is kept", async (_, data, status) => {
  const { json, labId, services } = await openRest();
  const refused = await json("POST", media, { body: { labId, title: "x", data } });
  expect([refused.status, refused.body.error?.message]).toEqual([status, expect.stringMatching(/^data: /)]);
  expect((await services.figures.list({ labId, limit: 5 })).rows).toEqual([]);
});

test("images of up to 10 MiB are taken", async () => {
  const { json, labId } = await openRest();
  const grown = (size: number) => Buffer.concat([png(), randomBytes(size - png().length)]).toString("base64");
  const most = 10 * 2 ** 20;
  expect((await json("POST", media, { body: { labId, title: "x", data: grown(most) } })).status).toBe(201);
  const larger = await json("POST", media, { body: { labId, title: "x", data: grown(most + 1) } });
  expect([larger.status, larger.body.error?.message]).toEqual([413, expect.stringMatching(/^data: /)]);
  expect((await json("POST", media, { body: { labId, title: "x", data: grown(most + 2 ** 17) } })).status).toBe(413);
});
