import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { FileWritten, LabFile } from "../../../src/contract/file.js";
import { form } from "../uploads/images.js";
import { openRest } from "./rest-fixture.js";

async function openFiles() {
  const rest = await openRest();
  const { labId, json, dataDir, app } = rest;
  const write = async (path: string, content = "", more: Record<string, unknown> = {}) =>
    json("POST", "/v1/files", { body: { labId, path, content, ...more } });
  const at = (path: string, more = "") => `/v1/files?labId=${labId}&path=${encodeURIComponent(path)}${more}`;
  const list = async (path = "/", more = "") => (await json("GET", at(path, more))).body;
  const paths = async (path = "/", more = "") => ((await list(path, more)).data as LabFile[]).map((file) => file.path);
  const change = (path: string, changes: Record<string, unknown>) =>
    json("PATCH", "/v1/files", { body: { labId, path, ...changes } });
  const upload = async (fields: Record<string, string>, bytes: Buffer | string, name: string) => {
    const body = await new Response(form({ labId, ...fields }, { bytes, name })).blob();
    const headers = { authorization: "Bearer secret", "content-type": body.type };
    const response = await app.request("/v1/files/upload", { method: "POST", headers, body });
    return {
      status: response.status,
      body: (await response.json()) as { data: FileWritten; error: { message: string } },
    };
  };
  const blobs = () =>
    existsSync(join(dataDir, "blobs"))
      ? readdirSync(join(dataDir, "blobs"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
          .length
      : 0;
  return { ...rest, write, at, list, paths, change, upload, blobs };
}

const written = (answer: { body: { data?: unknown } }) => answer.body.data as FileWritten;

test("a file is written with its folders, read by its path, and replaced", async () => {
  const { write, list, labId } = await openFiles();
  const first = await write("scripts//planck/run.py", "print(1)\n");
  expect([first.status, written(first)]).toEqual([
    201,
    { created: true, path: "/scripts/planck/run.py", fileId: written(first).fileId, bytes: 9 },
  ]);
  expect((await list()).data).toMatchObject([
    { path: "/scripts", type: "folder", size: 0, content: null, parentPath: "/" },
  ]);
  expect(written(await write("/scripts/planck/run.py", "print(2)"))).toMatchObject({ created: false, bytes: 8 });
  const { data, meta } = await list("/scripts/planck/run.py");
  expect(data).toMatchObject([
    {
      labId,
      _id: written(first).fileId,
      name: "run.py",
      parentPath: "/scripts/planck",
      type: "file",
      mimeType: "text/x-python",
      size: 8,
      content: "print(2)",
    },
  ]);
  expect(meta).toMatchObject({ total: 1, has_more: false });
});

test("a folder's list is by name, in pages, with a total", async () => {
  const { write, list, paths } = await openFiles();
  for (const name of ["c", "a", "B", "e", "d"]) await write(`/data/${name}`, name);
  await write("/database", "no child of /data");
  expect(await paths("/data")).toEqual(["/data/B", "/data/a", "/data/c", "/data/d", "/data/e"]);
  const first = await list("/data", "&limit=2");
  expect(first.meta).toMatchObject({ total: 5, has_more: true });
  expect(await paths("/data", `&limit=2&cursor=${String(first.meta?.["next_cursor"])}`)).toEqual([
    "/data/c",
    "/data/d",
  ]);
  expect((await list("/", `&cursor=${String(first.meta?.["next_cursor"])}`)).error?.message).toMatch(/^cursor: /);
});

test("a name is kept as it is, in Unicode NFC; the two ways to write it are one file", async () => {
  const { write, paths } = await openFiles();
  await write("/e\u0301tude É.md", "1");
  await write("/\u00e9tude É.md", "2");
  await write("/ÉTUDE é.md", "3");
  expect(await paths()).toEqual(["/ÉTUDE é.md", "/étude É.md"]);
});

test.each([
  ["/a/../b", /^path: must not hold \. or \.\./],
  ["../../etc/passwd", /^path: must not hold/],
  ["/a/./b", /^path: must not hold/],
  ["/a\u0000b", /^path: has a NUL character/],
  ["/a\nb", /^path: must hold no control/],
  ["/a\\..\\b", /^path: must be separated by \//],
  [`/${"x".repeat(256)}`, /^path: must hold no name longer than 255 bytes/],
  [`/${"é/".repeat(400)}`, /^path: must be at most 1024 bytes/],
  ["/\ud800", /^path: must be valid Unicode/],
  ["/", /^path: must name a file or a folder/],
  ["", /^path: must name a file or a folder/],
])("the path %j is refused", async (path, message) => {
  const { write, paths } = await openFiles();
  const { status, body } = await write(path, "x");
  expect([status, body.error?.message]).toEqual([422, expect.stringMatching(message)]);
  expect(await paths()).toEqual([]);
});

test("a file is no folder, and a folder no file", async () => {
  const { write } = await openFiles();
  await write("/a/b", "x");
  expect((await write("/a/b/c", "x")).body.error).toMatchObject({
    code: "conflict",
    message: "path: /a/b is a file, not a folder",
  });
  expect((await write("/a", "x")).body.error).toMatchObject({ code: "conflict", message: "path: /a is a folder" });
  expect((await write("/a/b", "", { type: "folder" })).body.error?.code).toBe("conflict");
  expect((await write("/c", "", { type: "folder" })).status).toBe(201);
  expect((await write("/d", "x", { type: "folder" })).body.error?.message).toMatch(/^content: /);
});

test("what is moved takes along what is in it, and overwrites nothing", async () => {
  const { write, change, paths, list } = await openFiles();
  await write("/old/é/one", "1");
  await write("/old/two", "2");
  await write("/older", "3");
  expect((await change("/old", { newPath: "/new/place" })).body.data).toMatchObject({
    path: "/new/place",
    type: "folder",
  });
  expect(await paths()).toEqual(["/new", "/older"]);
  expect(await paths("/new/place")).toEqual(["/new/place/two", "/new/place/é"]);
  expect((await list("/new/place/é/one")).data).toMatchObject([{ content: "1", parentPath: "/new/place/é" }]);
  expect((await change("/older", { newPath: "/new/place/two" })).status).toBe(409);
  expect((await change("/new", { newPath: "/new/place/new" })).body.error?.message).toMatch(/^newPath: is inside of/);
  expect((await change("/new", { newPath: `/${"x/".repeat(506)}y` })).body.error?.message).toMatch(
    /more than 1024 bytes/,
  );
  expect((await change("/older", { newPath: "/newer", content: "4" })).body.data).toMatchObject({
    path: "/newer",
    content: "4",
  });
  expect((await change("/newer", {})).body.error?.message).toMatch(/nothing to change/);
  expect((await change("/nothing", { content: "" })).status).toBe(404);
});

test("a folder is deleted when it is empty, or with all that is in it; content goes with its last name", async () => {
  const { write, json, at, paths, blobs } = await openFiles();
  for (const path of ["/a/1", "/a/b/2", "/a/b/3", "/a-b", "/a0", "/c/same"])
    await write(path, path === "/c/same" ? "/a/1" : path);
  await write("/a/1", "/a/1");
  expect((await json("DELETE", at("/a"))).body.error).toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/recursive=true/) as string,
  });
  expect((await json("DELETE", at("/a", "&recursive=true"))).body.data).toEqual({ path: "/a", deleted: 5 });
  expect(await paths()).toEqual(["/a-b", "/a0", "/c"]);
  await vi.waitFor(() => expect(blobs()).toBe(3));
  expect((await json("DELETE", at("/"))).status).toBe(422);
  expect((await json("DELETE", at("/a"))).status).toBe(404);
});

test("an upload may be binary, and is downloaded as it was", async () => {
  const { upload, json, ask, at } = await openFiles();
  const bytes = Buffer.from([0, 255, 1, 254]);
  const { body, status } = await upload({ path: "/chains/chain.1.bin" }, bytes, "other.bin");
  expect([status, body.data]).toMatchObject([201, { created: true, path: "/chains/chain.1.bin", bytes: 4 }]);
  expect((await json("GET", at("/chains/chain.1.bin"))).body.data).toMatchObject([
    { content: null, mimeType: "application/octet-stream" },
  ]);
  const download = await ask("GET", `/v1/files/${body.data.fileId}/download`, { headers: { range: "bytes=1-2" } });
  expect(Buffer.from(await download.arrayBuffer())).toEqual(bytes.subarray(1, 3));
  expect(download.headers.get("content-disposition")).toMatch(/^attachment; filename="chain.1.bin"/);
  expect((await upload({}, "x", "../../escape.txt")).body.data.path).toBe("/escape.txt");
  expect((await upload({ path: "/../x" }, "x", "x")).status).toBe(422);
});

test("a lab has only its own", async () => {
  const { write, json, store, at } = await openFiles();
  const { fileId } = written(await write("/secret", "x"));
  await store.db.updateTable("files").set({ lab_id: "another" }).where("id", "=", fileId).execute();
  expect((await json("GET", at("/secret"))).status).toBe(404);
});
