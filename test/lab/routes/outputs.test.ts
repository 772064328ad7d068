import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test, vi } from "vitest";
import type { OutputFile } from "../../../src/contract/output.js";
import { createArchives } from "../../../src/lab/http/send-archive.js";
import { openRest } from "./rest-fixture.js";

const freshDir = () => mkdtempSync(join(tmpdir(), "hubify-outputs-"));

/** An experiment whose first attempt left these files. */
async function open(files: Readonly<Record<string, string>> = {}) {
  const rest = await openRest();
  const { _id } = await rest.create({ config: { command: "true" } });
  await rest.experiments.claim(_id, "pod");
  const dir = freshDir();
  const run = { experiment_id: _id, attempt: 1, dir, state: "running", off: 0, seq: 0, started_at: 1 } as const;
  await rest.store.db.insertInto("runs").values(run).execute();
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, "work", path)), { recursive: true });
    writeFileSync(join(dir, "work", path), text);
  };
  mkdirSync(join(dir, "work"));
  for (const [path, text] of Object.entries(files)) put(path, text);
  const at = "/v1/experiments/EXP-001/outputs";
  const list = async (query = "") => {
    const { body } = await rest.json("GET", `${at}${query}`);
    return { rows: body.data as readonly OutputFile[], cursor: body.meta?.["next_cursor"] as string | null };
  };
  return { ...rest, id: _id, dir, put, at, list };
}

const saved = async (response: Response): Promise<string> => {
  const file = join(freshDir(), "outputs.tar.gz");
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file));
  return file;
};

test("files are listed by path with what they are, page by page", async () => {
  const { list, at, json } = await open({
    "b/z.csv": "1",
    "b/a.png": "22",
    "a.log": "",
    "b.txt": "x",
    "ckpt/model.pt": "m",
  });
  const { rows } = await list();
  expect(rows.map(({ path, kind, mimeType, size, where }) => [path, kind, mimeType, size, where])).toEqual([
    ["a.log", "log", "text/plain", 0, "home"],
    ["b/a.png", "figure", "image/png", 2, "home"],
    ["b/z.csv", "table", "text/csv", 1, "home"],
    ["b.txt", "data", "text/plain", 1, "home"],
    ["ckpt/model.pt", "checkpoint", "application/octet-stream", 1, "home"],
  ]);
  const paths: string[] = [];
  for (let query = "?limit=2"; ; ) {
    const page = await list(query);
    paths.push(...page.rows.map(({ path }) => path));
    if (page.cursor === null) break;
    query = `?limit=2&cursor=${encodeURIComponent(page.cursor)}`;
  }
  expect(paths).toEqual(rows.map(({ path }) => path));
  expect(await json("GET", `${at}?attempt=3`)).toMatchObject({ status: 404 });
});

test("what is still on the pod is named with the reason, and fetched on demand", async () => {
  const { dir, list, at, json, ask } = await open({ "a.txt": "here" });
  writeFileSync(join(dir, "left.json"), JSON.stringify([{ name: "big.ckpt", size: 6 * 1024 ** 3 }]));
  const { rows } = await list();
  expect(rows.map(({ path, where }) => [path, where])).toEqual([
    ["a.txt", "home"],
    ["big.ckpt", "pod"],
  ]);
  expect(rows[1]?.reason).toMatch(/^6 GiB is more than/);
  const first = await list("?limit=1");
  expect((await list(`?limit=1&cursor=${first.cursor ?? ""}`)).rows.map(({ path }) => path)).toEqual(["big.ckpt"]);
  expect(await json("GET", `${at}/big.ckpt`)).toMatchObject({ status: 409 });
  expect((await ask("GET", `${at}/other`)).status).toBe(404);
  expect((await json("POST", `${at}/fetch`)).body.data).toMatchObject({ left: ["big.ckpt"], reason: "unreachable" });
});

test("one file, with its type, whole or in part; slashes as they are or encoded", async () => {
  const { at, ask } = await open({ "plots/R-1 β.png": "0123456789", "page.html": "<script>" });
  for (const path of ["plots/R-1%20%CE%B2.png", "plots%2FR-1%20%CE%B2.png"]) {
    const whole = await ask("GET", `${at}/${path}`);
    expect(whole.status).toBe(200);
    expect(await whole.text()).toBe("0123456789");
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": "10",
      "x-content-type-options": "nosniff",
      "content-disposition": "inline; filename=\"R-1 _.png\"; filename*=UTF-8''R-1%20%CE%B2.png",
    });
  }
  const part = await ask("GET", `${at}/plots/R-1%20%CE%B2.png`, { headers: { range: "bytes=2-4" } });
  expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "234", "bytes 2-4/10"]);
  expect((await ask("GET", `${at}/plots/R-1%20%CE%B2.png`, { headers: { range: "bytes=10-" } })).status).toBe(416);
  expect((await ask("GET", `${at}/page.html`)).headers.get("content-disposition")).toMatch(/^attachment/);
});

test("nothing outside the run's directory can be read, however it is asked for", async () => {
  const { at, ask, dir, put } = await open({ "a.txt": "a" });
  const secret = join(freshDir(), "secret");
  writeFileSync(secret, "secret");
  symlinkSync(secret, join(dir, "work/out.txt"));
  symlinkSync(dirname(secret), join(dir, "work/folder"));
  symlinkSync("a.txt", join(dir, "work/inside.txt"));
  writeFileSync(join(dir, "config.json"), "env");
  put("sub/b.txt", "b");
  const tries = [
    "../config.json",
    "..%2fconfig.json",
    "sub/..%2f..%2fconfig.json",
    "%2e%2e/config.json",
    `%2f${secret.slice(1)}`,
  ];
  for (const path of [...tries, "out.txt", "folder/secret", "sub", "a.txt%00", "./a.txt%2f", "sub//b.txt"]) {
    const response = await ask("GET", `${at}/${path}`);
    expect([path, response.status >= 400]).toEqual([path, true]);
    expect(await response.text()).not.toContain("secret\n");
  }
  expect(await (await ask("GET", `${at}/inside.txt`)).text()).toBe("a");
  const { list } = { list: async () => ((await (await ask("GET", at)).json()) as { data: OutputFile[] }).data };
  expect((await list()).map(({ path }) => path)).toEqual(["a.txt", "inside.txt", "sub/b.txt"]);
});

test("the archive holds every file, with long names", async () => {
  const long = `${"deep/".repeat(20)}${"n".repeat(180)}β.txt`;
  const { at, ask, dir } = await open({ "a.txt": "hello", empty: "", [long]: "long", "big.bin": "x".repeat(700_001) });
  symlinkSync("/etc/passwd", join(dir, "work/passwd"));
  const response = await ask("GET", `${at}.tar.gz`);
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="EXP-001-1.tar.gz"');
  const file = await saved(response);
  const folder = freshDir();
  execFileSync("tar", ["-xzf", file, "-C", folder]);
  const read = (path: string) => readFileSync(join(folder, "EXP-001-1", path), "utf8");
  expect([read("a.txt"), read("empty"), read(long), read("big.bin").length]).toEqual(["hello", "", "long", 700_001]);
  expect(() => read("passwd")).toThrow(/ENOENT/);
});

test("files that grow or shrink while they are packed leave the archive whole", async () => {
  const { services, dir } = await open({
    "a.bin": "a".repeat(5_000_000),
    "b.bin": "b".repeat(5_000_000),
    "c.txt": "end",
  });
  const archives = createArchives();
  const response = await archives.send(await services.outputs.archive("EXP-001"));
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const pieces = [(await reader.read()).value ?? new Uint8Array()];
  appendFileSync(join(dir, "work/a.bin"), "more");
  truncateSync(join(dir, "work/b.bin"), 10);
  for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value);
  const file = join(freshDir(), "x.tar.gz");
  writeFileSync(file, Buffer.concat(pieces));
  const listed = execFileSync("tar", ["-tzvf", file], { encoding: "utf8" });
  expect(listed).toMatch(/ 5000000 .*a\.bin\n.*b\.bin\n.* 3 .*c\.txt/);
  await vi.waitFor(() => expect(archives.loading()).toBe(0));
});

test("a reader that never reads holds little and is let go; one too many is refused", async () => {
  const { services } = await open({ "a.bin": "x".repeat(1_000_000) });
  writeFileSync(
    join((await services.outputs.archive("EXP-001")).sources[0]?.absolute ?? "", "random.bin"),
    randomText(),
  );
  const archives = createArchives({ stallMs: 50, most: 1 });
  const archive = await services.outputs.archive("EXP-001");
  const response = await archives.send(archive);
  await expect(archives.send(archive)).rejects.toThrow(/archives are being made already/);
  await vi.waitFor(() => expect(archives.loading()).toBe(0));
  await expect(response.arrayBuffer()).rejects.toThrow(/nothing was taken/);
});

/** Does not compress: fills the buffers between. */
function randomText(): Buffer {
  const bytes = Buffer.alloc(8_000_000);
  let state = 1;
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

test("what a run wrote elsewhere on this machine is there under its own name", async () => {
  const { store, id, list, at, ask } = await open({ "a.txt": "a" });
  const cwd = freshDir();
  writeFileSync(join(cwd, "result.json"), "{}");
  writeFileSync(join(cwd, "other.json"), "not named");
  const config = JSON.stringify({ command: "true", cwd, outputs: ["result.json"] });
  await store.db.updateTable("experiments").set({ config }).where("id", "=", id).execute();
  expect((await list()).rows.map(({ path }) => path)).toEqual(["a.txt", "result.json"]);
  expect(await (await ask("GET", `${at}/result.json`)).text()).toBe("{}");
  expect((await ask("GET", `${at}/other.json`)).status).toBe(404);
});
