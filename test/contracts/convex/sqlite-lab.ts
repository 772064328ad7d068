import { DatabaseSync } from "node:sqlite";
import { convexToJson, type JSONValue, jsonToConvex, type Value } from "convex/values";
import type { AuthToken, Backend, Commit, Identity } from "../../../src/lab/sync/backend.js";
import { functionRegistry } from "../../../src/lab/sync/function-registry.js";
import { type Note, type Notes, suiteFunctions } from "./suite-functions.js";

/** A lab that serves the functions of suite-functions.ts. */
export interface SuiteLab extends Backend {
  /** One commit for each text. */
  write(room: string, texts: readonly string[]): Promise<void>;
  close(): void | Promise<void>;
}

/**
 * The smallest lab that keeps every promise of `Backend`: one SQLite file, one connection, and a lock that makes the transactions
 * asynchronous ones, as they are behind a query builder. `afterCommit` stands between a mutation's commit and its answer.
 */
export function sqliteLab(file: string, afterCommit: () => Promise<void> | void): SuiteLab {
  const db = new DatabaseSync(file);
  db.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS notes (room TEXT, seq INTEGER, text TEXT, at REAL, PRIMARY KEY (room, seq));
    CREATE TABLE IF NOT EXISTS session_requests (session TEXT, request INTEGER, ts TEXT, result TEXT, PRIMARY KEY (session, request));
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);
  `);
  const registry = functionRegistry(suiteFunctions);
  const listeners = new Set<(commit: Commit) => void>();
  const storedTs = db.prepare("SELECT value FROM meta WHERE key = 'ts'").get()?.["value"];
  let lastTs = typeof storedTs === "string" ? BigInt(storedTs) : 0n;
  let last: Promise<unknown> = Promise.resolve();

  const locked = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const notes = sqliteNotes(db);

  /** One transaction; announced before the lock is released. */
  const commit = async <T extends { topics: readonly string[] }>(
    work: () => Promise<T>,
    before: (done: T, ts: bigint) => void,
  ) => {
    db.exec("BEGIN IMMEDIATE");
    try {
      const done = await work();
      const now = BigInt(Date.now()) * 1_000_000n;
      const ts = now > lastTs ? now : lastTs + 1n;
      before(done, ts);
      db.prepare("INSERT INTO meta VALUES ('ts', ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(String(ts));
      db.exec("COMMIT");
      lastTs = ts;
      for (const listener of listeners) listener({ ts, topics: done.topics });
      return { done, ts };
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  };

  return {
    latestTs: () => lastTs,
    observeTs: (ts) => {
      if (ts > lastTs) lastTs = ts;
    },
    authenticate: async (token) => identityOf(token),
    functionKind: (path) => registry.kindOf(path),
    read: (run) =>
      locked(async () => {
        db.exec("BEGIN");
        try {
          return await run({ ts: lastTs, query: (call) => registry.query(call, { notes }) });
        } finally {
          db.exec("COMMIT");
        }
      }),
    async mutation(call, once) {
      const answer = await locked(async () => {
        const stored =
          once &&
          db
            .prepare("SELECT ts, result FROM session_requests WHERE session = ? AND request = ?")
            .get(once.sessionId, once.requestId);
        if (stored) {
          return {
            value: jsonToConvex(JSON.parse(String(stored["result"])) as JSONValue),
            ts: BigInt(String(stored["ts"])),
          };
        }
        const { done, ts } = await commit(
          () => registry.mutation(call, { notes }),
          ({ value }, ts) => {
            const result = JSON.stringify(convexToJson((value ?? null) as Value));
            if (once)
              db.prepare("INSERT INTO session_requests VALUES (?, ?, ?, ?)").run(
                once.sessionId,
                once.requestId,
                String(ts),
                result,
              );
          },
        );
        return { ...done, ts };
      });
      await afterCommit();
      return answer;
    },
    action: (call) => registry.action(call, { notes }),
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async write(room, texts) {
      for (const text of texts) {
        await locked(() =>
          commit(
            async () => {
              await notes.add(room, text);
              return { topics: [`notes:${room}`] };
            },
            () => undefined,
          ),
        );
      }
    },
    close: () => db.close(),
  };
}

function sqliteNotes(db: DatabaseSync): Notes {
  const list = db.prepare("SELECT room, seq, text, at FROM notes WHERE room = ? ORDER BY seq");
  const insert = db.prepare(
    "INSERT INTO notes SELECT ?, coalesce(max(seq) + 1, 0), ?, ? FROM notes WHERE room = ? RETURNING seq",
  );
  return {
    list: async (room) =>
      list.all(room).map((row): Note => {
        const { seq, text, at } = row as { seq: number; text: string; at: number };
        return { _id: `${room}:${seq}`, _creationTime: at, room, seq, text };
      }),
    add: async (room, text) => Number(insert.get(room, text, Date.now(), room)?.["seq"]),
  };
}

/** Opaque keys `key:<subject>[:<life in ms>]`, and JWTs, whose signature nobody looks at. */
export function identityOf(token: AuthToken): Identity | null {
  if (token.type === "None") return null;
  if (token.value.startsWith("key:")) {
    const [, subject = "", lifeMs] = token.value.split(":");
    return { subject, ...(lifeMs === undefined ? {} : { expiresAt: Date.now() + Number(lifeMs) }) };
  }
  let claims: { sub: string; exp: number };
  try {
    claims = JSON.parse(Buffer.from(token.value.split(".")[1] ?? "", "base64url").toString()) as typeof claims;
  } catch (error) {
    throw new Error("Could not parse JWT payload. Check that the token is a valid JWT format", { cause: error });
  }
  if (claims.exp * 1000 < Date.now()) throw new Error("Token expired");
  return { subject: claims.sub, expiresAt: claims.exp * 1000 };
}
