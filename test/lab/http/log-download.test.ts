import { randomBytes } from "node:crypto";
import { mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { createLogDownloads } from "../../../src/lab/http/log-download.js";

const bounds = { stallMs: 60_000, most: 4 };

function makeLog(bytes: number) {
  const path = join(mkdtempSync(join(tmpdir(), "hubify-download-")), "out");
  const content = randomBytes(bytes);
  writeFileSync(path, content);
  return { content, file: { path, bytes, name: "EXP-001-1.log" } };
}

test("text is the file as it was written, with its length", async () => {
  const { content, file } = makeLog(700_000);
  const downloads = createLogDownloads(bounds);
  const response = await downloads.send(file, "text");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/plain; charset=utf-8",
    "content-length": "700000",
    "content-disposition": 'attachment; filename="EXP-001-1.log"',
    "x-content-type-options": "nosniff",
  });
  expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
  await vi.waitFor(() => expect(downloads.loading()).toBe(0));
});

test("gzip holds the same", async () => {
  const { content, file } = makeLog(300_000);
  const response = await createLogDownloads(bounds).send(file, "gzip");
  expect(response.headers.get("content-disposition")).toContain('"EXP-001-1.log.gz"');
  expect(response.headers.get("content-length")).toBeNull();
  expect(gunzipSync(Buffer.from(await response.arrayBuffer())).equals(content)).toBe(true);
});

test("a log that grows is sent up to where it was", async () => {
  const { content, file } = makeLog(1000);
  const response = await createLogDownloads(bounds).send({ ...file, bytes: 600 }, "text");
  expect(Buffer.from(await response.arrayBuffer()).equals(content.subarray(0, 600))).toBe(true);
});

test("a reader that breaks off holds nothing", async () => {
  const { file } = makeLog(5_000_000);
  const downloads = createLogDownloads(bounds);
  const { body } = await downloads.send(file, "text");
  const reader = body?.getReader();
  await reader?.read();
  expect(downloads.loading()).toBe(1);
  await reader?.cancel();
  await vi.waitFor(() => expect(downloads.loading()).toBe(0));
});

test.each(["text", "gzip"] as const)(
  "a reader of %s that takes nothing is let go, and nothing is read ahead",
  async (format) => {
    const { file } = makeLog(5_000_000);
    const downloads = createLogDownloads({ ...bounds, stallMs: 50 });
    const response = await downloads.send(file, format);
    await vi.waitFor(() => expect(downloads.loading()).toBe(0));
    await expect(response.arrayBuffer()).rejects.toThrow();
  },
);

test("so many at once, and one more when one is done", async () => {
  const { file } = makeLog(5_000_000);
  const downloads = createLogDownloads({ ...bounds, most: 1 });
  const { body } = await downloads.send(file, "text");
  await expect(downloads.send(file, "text")).rejects.toThrow(/1 logs are being downloaded/);
  await body?.cancel();
  await vi.waitFor(() => expect(downloads.loading()).toBe(0));
  const again = await downloads.send(file, "text");
  await again.body?.cancel();
});

test("a file that became shorter breaks the download off instead of padding it", async () => {
  const { file } = makeLog(2_000_000);
  const response = await createLogDownloads(bounds).send(file, "text");
  truncateSync(file.path, 1000);
  await expect(response.arrayBuffer()).rejects.toThrow();
});
