import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Backend } from "./backend.js";
import { defaultSyncOptions, type SyncOptions } from "./options.js";
import { QueryCache } from "./query-cache.js";
import { Session } from "./session.js";
import { TransitionPump } from "./transition-pump.js";

export interface SyncServer {
  stats(): SyncStats;
  /** Takes no more connections and closes those there are; clients come back when there is a lab again. */
  close(): Promise<void>;
}

export interface SyncStats {
  readonly connections: number;
  readonly subscriptions: number;
  /** Distinct queries watched, shared ones counted once. */
  readonly queries: number;
  /** Query functions run since the start. */
  readonly queryRuns: number;
  /** Transitions sent to the connections there are now. */
  readonly transitions: number;
}

/** Without a window that is kept between messages: that is some 300 kB for each connection. */
const deflate = { threshold: 1024, serverNoContextTakeover: true, clientNoContextTakeover: true, concurrencyLimit: 4 };

/** Longest wait for clients to answer a close frame. */
const closeGraceMs = 500;
const restartReason = "InternalServerError: the lab is stopping";

/**
 * Offers Convex's sync protocol on the upgrades of an HTTP server, at `/api/sync` and `/api/<client version>/sync`. Other paths are
 * left to other listeners; without any they are refused.
 */
export function attachSync(http: Server, backend: Backend, given: Partial<SyncOptions> = {}): SyncServer {
  const options = { ...defaultSyncOptions, ...given };
  const cache = new QueryCache(options);
  const pump = new TransitionPump(backend, cache);
  const sessions = new Set<Session>();
  const { maxPayloadBytes: maxPayload } = options;
  const plain = new WebSocketServer({ noServer: true, maxPayload });
  const deflating = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: deflate });

  const stopListening = backend.onCommit((commit) => {
    pump.announce(commit.ts);
    cache.commit(commit);
  });

  const stopRechecking = backend.onAccessChange?.(() => {
    for (const session of sessions) session.recheck();
  });

  const open = (socket: WebSocket) => {
    const session: Session = new Session(socket, {
      backend,
      cache,
      pump,
      options,
      onEnd: () => sessions.delete(session),
    });
    sessions.add(session);
  };

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isSyncPath(request.url, options.mountPath)) {
      if (http.listenerCount("upgrade") === 1) refuse(socket, 404);
      return;
    }
    const { origin } = request.headers;
    if (origin !== undefined && !options.allowOrigin(origin)) {
      refuse(socket, 403);
      return;
    }
    if (sessions.size >= options.maxConnections) {
      refuse(socket, 503);
      return;
    }
    const isDeflated = options.deflate === "remote" ? !isLocal(request.socket.remoteAddress) : options.deflate;
    (isDeflated ? deflating : plain).handleUpgrade(request, socket, head, open);
  };
  http.on("upgrade", upgrade);

  const pinger = setInterval(() => {
    const deadline = Date.now() - options.wsDeadMs;
    for (const session of sessions) {
      if (session.lastSeenAt < deadline) session.terminate();
      else session.ping();
    }
  }, options.wsPingMs).unref();

  return {
    stats: () => ({
      connections: sessions.size,
      subscriptions: [...sessions].reduce((sum, session) => sum + session.subscriptions, 0),
      queries: cache.size,
      queryRuns: cache.runs,
      transitions: [...sessions].reduce((sum, session) => sum + session.transitions, 0),
    }),
    async close() {
      http.off("upgrade", upgrade);
      clearInterval(pinger);
      stopListening();
      stopRechecking?.();
      for (const session of [...sessions]) session.close(1012, restartReason);
      await Promise.all([allClosed(plain), allClosed(deflating)]);
    },
  };
}

const isLocal = (address: string | undefined) => address === undefined || /^(::1$|(::ffff:)?127\.)/.test(address);

function isSyncPath(url: string | undefined, mountPath: string): boolean {
  const path = url?.split("?", 1)[0] ?? "";
  return path.startsWith(mountPath) && /^\/api\/(?:[^/]+\/)?sync$/.test(path.slice(mountPath.length));
}

function refuse(socket: Duplex, status: 403 | 404 | 503): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** When every client has answered its close frame, or the grace is over and the rest is cut off. */
function allClosed(sockets: WebSocketServer): Promise<void> {
  return new Promise((resolve) => {
    const grace = setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, closeGraceMs);
    sockets.close(() => {
      clearTimeout(grace);
      resolve();
    });
  });
}
