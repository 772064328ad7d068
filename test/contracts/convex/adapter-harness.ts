import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { functionApi } from "../../../src/lab/sync/http.js";
import type { SyncOptions } from "../../../src/lab/sync/options.js";
import { attachSync, type SyncServer } from "../../../src/lab/sync/server.js";
import type { LabHarness, Tokens } from "./harness.js";
import { type SuiteLab, sqliteLab } from "./sqlite-lab.js";

interface Running {
  readonly http: Server;
  readonly sync: SyncServer;
}

/** Opens the lab of a directory; `afterCommit` stands between a mutation's commit and its answer. */
export type OpenSuiteLab = (directory: string, afterCommit: () => void) => SuiteLab | Promise<SuiteLab>;

/** The adapter of src/lab/sync in this process, over the smallest lab there is or another one. */
export function adapterHarness(
  open: OpenSuiteLab = (directory, afterCommit) => sqliteLab(join(directory, "lab.db"), afterCommit),
): LabHarness {
  const directory = mkdtempSync(join(tmpdir(), "hubify-sync-"));
  const sockets = new Set<Socket>();
  let running: Running | null = null;
  let lab: SuiteLab | null = null;
  let port = 0;
  let options: Partial<SyncOptions> = {};
  let isCutting = false;
  let bytesOfClosed = 0;

  const cutWires = () => {
    for (const socket of sockets) socket.destroy();
  };
  const openLab = async () =>
    open(directory, () => {
      if (isCutting) cutWires();
    });

  const start = async () => {
    isCutting = false;
    lab ??= await openLab();
    const backend = lab;
    const api = functionApi(backend, options);
    const listener = getRequestListener(
      async (request) => (await api(request)) ?? new Response("not here", { status: 404 }),
    );
    const http = createServer((request, response) => void listener(request, response));
    http.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("close", () => {
        bytesOfClosed += socket.bytesWritten;
        sockets.delete(socket);
      });
    });
    const sync = attachSync(http, backend, options);
    await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
    port = (http.address() as AddressInfo).port;
    running = { http, sync };
  };

  const stop = async () => {
    if (running === null) return;
    const { http, sync } = running;
    running = null;
    const closed = new Promise((resolve) => http.close(resolve));
    cutWires();
    await sync.close();
    await closed;
    await lab?.close();
    lab = null;
  };

  return {
    async start(given = {}) {
      options = given;
      await start();
    },
    stop,
    async restartOnSamePort() {
      await stop();
      await start();
    },
    async dispose() {
      await stop();
      rmSync(directory, { recursive: true });
    },
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    tokens,
    async write(room, texts) {
      const writer = lab ?? (await openLab());
      await writer.write(room, texts);
      if (writer !== lab) await writer.close();
    },
    cutAfterCommit: () => (isCutting = true),
    stats: () =>
      running?.sync.stats() ?? { connections: 0, subscriptions: 0, queries: 0, queryRuns: 0, transitions: 0 },
    bytesSent: () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, bytesOfClosed),
  };
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

const tokens: Tokens = {
  key: (subject) => `key:${subject}`,
  shortKey: (subject, lifeMs) => `key:${subject}:${lifeMs}`,
  jwt(subject, lifeSeconds) {
    const iat = Math.floor(Date.now() / 1000);
    const payload = { sub: subject, iss: "https://lab.test", iat, exp: iat + lifeSeconds };
    return `${base64url({ alg: "none" })}.${base64url(payload)}.signature`;
  },
  bad: "hfy_key_nobody_gave_out",
};
