import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Figure } from "../../../src/contract/figure.js";
import { form, png } from "../uploads/images.js";
import { openRest } from "./rest-fixture.js";

const bearer = { authorization: "Bearer secret" };

async function openFigures() {
  const rest = await openRest();
  const { labId, app, dataDir } = rest;
  const post = async (body: FormData | ReadableStream, headers: Record<string, string> = {}) => {
    // Its bytes: a form that is still written by a stream complains when nobody reads it to the end.
    const whole = body instanceof FormData ? await new Response(body).blob() : body;
    const type = whole instanceof Blob ? { "content-type": whole.type } : {};
    const init = { method: "POST", headers: { ...bearer, ...type, ...headers }, body: whole, duplex: "half" };
    return app.request("/v1/figures", init as RequestInit);
  };
  const upload = async (fields: Record<string, string> = {}, bytes: Buffer | string = png(), name = "figure.png") => {
    const response = await post(form({ labId, title: "a figure", ...fields }, { bytes, name }));
    return (await response.json()) as { data: Figure; error: { code: string; message: string } };
  };
  /** Whatever lies in the stores of content, by path. */
  const stored = () =>
    ["blobs", "uploads"].flatMap((folder) => {
      try {
        return readdirSync(join(dataDir, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(dataDir.length + 1));
      } catch {
        return [];
      }
    });
  return { ...rest, post, upload, stored };
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("an uploaded figure is listed, shown and downloaded", async () => {
  const { json, ask, upload, create, labId, stored } = await openFigures();
  const { experimentId, _id } = await create();
  const { data: figure } = await upload({ experimentId, caption: "w0 – wa" }, png(30, 20), "wörld/pøst.png");
  expect(figure).toMatchObject({
    labId,
    title: "a figure",
    mimeType: "image/png",
    width: 30,
    height: 20,
    experimentId: _id,
    paperId: null,
    caption: "w0 – wa",
    source: "upload",
    fileName: "pøst.png",
    size: png(30, 20).length,
  });
  expect((await json("GET", `/v1/figures/${figure._id}`)).body.data).toEqual(figure);
  expect((await json("GET", `/v1/figures?labId=${labId}&experimentId=${experimentId}`)).body.data).toEqual([figure]);
  expect((await json("GET", `/v1/labs/dark-energy/gallery`)).body.data).toEqual([figure]);
  const shown = await ask("GET", figure.imageUrl);
  expect(Buffer.from(await shown.arrayBuffer())).toEqual(png(30, 20));
  expect(Object.fromEntries(shown.headers)).toMatchObject({
    "content-type": "image/png",
    "x-content-type-options": "nosniff",
    "content-disposition": `inline; filename="p_st.png"; filename*=UTF-8''p%C3%B8st.png`,
    etag: `"${sha256(png(30, 20))}"`,
  });
  expect((await ask("GET", figure.downloadUrl)).headers.get("content-disposition")).toMatch(/^attachment/);
  const hash = sha256(png(30, 20));
  expect(stored()).toEqual([`blobs/${hash.slice(0, 2)}/${hash.slice(2)}`]);
});

test("a script in an SVG cannot run", async () => {
  const { ask, upload } = await openFigures();
  const { data } = await upload({}, "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "a.png");
  const { headers } = await ask("GET", data.imageUrl);
  expect(headers.get("content-type")).toBe("image/svg+xml");
  expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox/);
  expect(headers.get("content-security-policy")).not.toMatch(/script-src|allow-scripts/);
});

test("a part of it can be asked for, and what is known is not sent again", async () => {
  const { ask, upload } = await openFigures();
  const { data } = await upload();
  const bytes = png();
  const get = (headers: Record<string, string>) => ask("GET", data.downloadUrl, { headers });
  const part = await get({ range: "bytes=8-11" });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 8-11/${bytes.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(8, 12));
  const tail = await get({ range: "bytes=-4" });
  expect(Buffer.from(await tail.arrayBuffer())).toEqual(bytes.subarray(-4));
  const beyond = await get({ range: "bytes=9999-" });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${bytes.length}`]);
  const etag = `"${data.sha256}"`;
  expect((await get({ "if-none-match": etag })).status).toBe(304);
  expect((await get({ range: "bytes=0-1", "if-range": '"old"' })).status).toBe(200);
  expect((await get({ range: "bytes=0-1,4-5" })).status).toBe(200);
});

test("it is changed, and deleted with its content; another with the same content keeps it", async () => {
  const { json, upload, stored } = await openFigures();
  const { data: first } = await upload();
  const { data: second } = await upload();
  expect(stored()).toHaveLength(1);
  const patched = await json("PATCH", `/v1/figures/${first._id}`, { body: { title: "better", caption: "c" } });
  expect(patched.body.data).toMatchObject({ title: "better", caption: "c", sha256: first.sha256 });
  expect((await json("PATCH", `/v1/figures/${first._id}`, { body: { caption: null } })).body.data).toMatchObject({
    title: "better",
    caption: null,
  });
  expect((await json("DELETE", `/v1/figures/${first._id}`)).body.data).toEqual({ id: first._id, deleted: true });
  expect((await json("GET", `/v1/figures/${first._id}`)).status).toBe(404);
  await json("DELETE", "/v1/figures/nothing");
  expect(stored()).toHaveLength(1);
  await json("DELETE", `/v1/figures/${second._id}`);
  await vi.waitFor(() => expect(stored()).toEqual([]));
});

test("it stays when its experiment is deleted, and is still found by it", async () => {
  const { json, upload, create, labId } = await openFigures();
  const { _id, experimentId } = await create();
  const { data } = await upload({ experimentId });
  await json("POST", `/v1/experiments/${_id}/cancel`);
  expect((await json("DELETE", `/v1/experiments/${_id}`)).status).toBe(200);
  expect((await json("GET", `/v1/figures?labId=${labId}&experimentId=${_id}`)).body.data).toMatchObject([
    { _id: data._id },
  ]);
});

test("pages go by keyset, newest first", async () => {
  const { json, upload, labId } = await openFigures();
  for (const title of ["a", "b", "c", "d", "e"]) await upload({ title });
  const titles: string[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await json("GET", `/v1/figures?labId=${labId}&limit=2${cursor && `&cursor=${cursor}`}`);
    titles.push(...(body.data as Figure[]).map(({ title }) => title));
    cursor = (body.meta?.["next_cursor"] as string | null) ?? "";
    if (cursor === "") break;
  }
  expect(titles).toEqual(["e", "d", "c", "b", "a"]);
  expect((await json("GET", `/v1/figures?labId=${labId}&cursor=nothing`)).body.error).toMatchObject({
    code: "validation_error",
    message: expect.stringMatching(/^cursor: /) as string,
  });
});

test.each<readonly [string, Record<string, string>, Parameters<typeof form>[1], readonly [number, RegExp]]>([
  ["no file", { labId: "dark-energy", title: "t" }, undefined, [422, /^file: missing/]],
  ["another part", { labId: "dark-energy", title: "t" }, { bytes: png(), part: "image" }, [422, /^image: unknown/]],
  ["no title", { labId: "dark-energy" }, { bytes: png() }, [422, /^title: /]],
  ["an unknown field", { labId: "dark-energy", title: "t", colour: "red" }, { bytes: png() }, [422, /colour/]],
  [
    "an unknown experiment",
    { labId: "dark-energy", title: "t", experimentId: "EXP-999" },
    { bytes: png() },
    [422, /^experimentId: EXP-999/],
  ],
  ["an unknown paper", { labId: "dark-energy", title: "t", paperId: "p" }, { bytes: png() }, [422, /^paperId: p /]],
  ["an unknown lab", { labId: "nowhere", title: "t" }, { bytes: png() }, [404, /nowhere/]],
  [
    "no figure",
    { labId: "dark-energy", title: "t" },
    { bytes: "GIF89a", name: "a.png" },
    [422, /^file: must be a PNG, JPG/],
  ],
  [
    "a long field",
    { labId: "dark-energy", title: "t", caption: "x".repeat(70_000) },
    { bytes: png() },
    [413, /^caption: /],
  ],
  [
    "too much",
    { labId: "dark-energy", title: "t" },
    { bytes: Buffer.alloc(25 * 2 ** 20 + 1, png()) },
    [413, /^file: larger than 25 MiB/],
  ],
])("%s is refused, and leaves nothing behind", async (_, fields, file, [status, message]) => {
  const { post, stored } = await openFigures();
  const response = await post(form(fields, file));
  const { error } = (await response.json()) as { error: { message: string } };
  expect([response.status, error.message]).toEqual([status, expect.stringMatching(message)]);
  expect(stored()).toEqual([]);
});

test("only multipart/form-data is taken, with a boundary", async () => {
  const { json, app } = await openFigures();
  expect((await json("POST", "/v1/figures", { body: {} })).status).toBe(415);
  const headers = { ...bearer, "content-type": "multipart/form-data" };
  expect((await app.request("/v1/figures", { method: "POST", headers, body: "x" })).status).toBe(415);
  const odd = { ...bearer, "content-type": "multipart/form-data; charset=utf-8" };
  expect((await app.request("/v1/figures", { method: "POST", headers: odd, body: "x" })).status).toBe(422);
});

const boundary = { "content-type": "multipart/form-data; boundary=b" };
const head =
  '--b\r\ncontent-disposition: form-data; name="labId"\r\n\r\ndark-energy\r\n' +
  '--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n';

test("an upload that ends too early is refused, and leaves nothing behind", async () => {
  const { post, stored } = await openFigures();
  const body = new Blob([head, new Uint8Array(png())]).stream();
  const response = await post(body, boundary);
  expect(response.status).toBe(422);
  expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(/^body: breaks off/);
  expect(stored()).toEqual([]);
});

test("an upload whose sender goes away leaves nothing behind", async () => {
  const { post, stored } = await openFigures();
  let broken: ReadableStreamDefaultController | undefined;
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(head));
      controller.enqueue(Buffer.alloc(200_000, 1));
      broken = controller;
    },
  });
  const response = post(body, boundary);
  await vi.waitFor(() => expect(stored()).toHaveLength(1));
  broken?.error(new Error("aborted"));
  expect((await response).status).toBe(422);
  expect(stored()).toEqual([]);
});

test("two files in one upload are refused", async () => {
  const { post, stored, labId } = await openFigures();
  const body = form({ labId, title: "t" }, { bytes: png() });
  body.append("file", new Blob([new Uint8Array(png(9, 9))]), "b.png");
  const response = await post(body);
  expect(response.status).toBe(422);
  expect(stored()).toEqual([]);
});

test("what a run made is registered once for each path, and follows the file", async () => {
  const { services, labId, create, stored } = await openFigures();
  const { _id } = await create();
  const found = {
    labId,
    source: "run",
    experimentId: _id,
    attempt: 1,
    path: "plots/triangle.png",
    fileName: "triangle.png",
  } as const;
  const first = await services.figures.register({ ...found, file: png(5, 5) });
  const again = await services.figures.register({ ...found, file: png(7, 7) });
  expect(first).toMatchObject({ title: "triangle.png", source: "run", width: 5, sourcePath: "plots/triangle.png" });
  expect(again).toMatchObject({ _id: first._id, width: 7 });
  await vi.waitFor(() => expect(stored()).toHaveLength(1));
  await expect(services.figures.register({ ...found, file: Buffer.from("no figure") })).rejects.toThrow(
    /^file: must be/,
  );
  expect(stored()).toHaveLength(1);
});
