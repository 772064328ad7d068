import { join } from "node:path";
import { Config } from "../../../src/config/config.js";
import { systemClock } from "../../../src/core/clock.js";
import { createAccess } from "../../../src/lab/access/access.js";
import { type Actor, owner } from "../../../src/lab/access/actor.js";
import { createBackend, identityOf } from "../../../src/lab/backend.js";
import { composeLab } from "../../../src/lab/compose.js";
import { functions } from "../../../src/lab/functions/index.js";
import { createApp } from "../../../src/lab/http/app.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";
import { functionApi } from "../../../src/lab/sync/http.js";
import type { FakeRunPod } from "../../fakes/runpod/start-fake-runpod.js";

/** The owner's token. */
export const ownerToken = "owner-of-this-lab";

export interface Asked {
  readonly token?: string | null;
  /** A text or a form goes as it is, everything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What a JSON answer says. */
  readonly data: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: string; readonly message: string; readonly status: number } | undefined;
}

/** The lab of a data directory as it is composed for real, answering without a port. Nothing works by itself: it is never started. */
export async function openLabOver(dataDir: string, runpod: FakeRunPod) {
  const { db, raw } = openSqlite(join(dataDir, "lab.db"));
  // Nothing of it has to survive a power cut.
  raw.exec("pragma synchronous = off");
  await migrate(db);
  const store = await createStore(db, systemClock);
  const settings = { ...Config.parse({}).lab, costPerHourUsd: 0.5 };
  const faults: unknown[] = [];
  const lab = await composeLab({
    store,
    clock: systemClock,
    dataDir,
    settings,
    configDir: dataDir,
    templatesEntry: "",
    env: { PATH: process.env["PATH"], RUNPOD_API_KEY: runpod.key, RUNPOD_API_BASE_URL: runpod.url },
    version: "1.2.3",
    log: () => undefined,
  });
  const { services } = lab;
  const onError = (error: unknown) => void faults.push(error);
  const access = createAccess({ store, clock: systemClock, services, settings, token: ownerToken, onError });
  const { byToken: actorOf, onChange: onAccessChange } = access.actors;
  const backend = createBackend({ store, services, functions, actorOf, onAccessChange });
  const app = createApp({
    services,
    store,
    clock: systemClock,
    version: "1.2.3",
    heartbeatMs: 20,
    actorOf,
    guard: access.guard,
    requestDays: access.requestDays,
    requestsPerMinute: 10_000_000,
    functionApi: functionApi(backend),
    onFault: (_, error) => onError(error),
  });

  const send = async (method: string, path: string, { token = ownerToken, body, headers = {} }: Asked = {}) => {
    const isRaw = typeof body === "string" || body instanceof FormData || body instanceof Uint8Array;
    const type = body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" };
    return app.request(path, {
      method,
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...type, ...headers },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
  };
  /** Of a stream, its first bytes. */
  const ask = async (method: string, path: string, asked: Asked = {}): Promise<Answered> => {
    const response = await send(method, path, asked);
    const { status, headers } = response;
    const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
    const text = isStream ? await beginningOf(response) : await response.text();
    const isJson = headers.get("content-type")?.startsWith("application/json") === true && text !== "";
    const json = (isJson ? JSON.parse(text) : {}) as object;
    const { data = json, meta = {}, error } = json as Partial<Answered>;
    return { status, headers, text, data, meta, error };
  };

  /** What a client gets of a function, or what it throws. */
  const call = async (path: string, args: Readonly<Record<string, unknown>>, actor: Actor | null = owner) => {
    const identity = actor === null ? null : identityOf(actor);
    const kind = backend.functionKind(path);
    if (kind === "mutation") return (await backend.mutation({ path, args, identity }, null)).value;
    if (kind === "action") return (await backend.action({ path, args, identity })).value;
    const result = await backend.read(async (reader) => reader.query({ path, args, identity, journal: null }));
    if ("error" in result) throw result.error;
    return result.value;
  };

  return {
    dataDir,
    store,
    services,
    backend,
    ask,
    call,
    actorOf,
    /** What the lab did not mean: each was a 500. */
    faults,
    /** Every row of every table, but for what counts requests; `besides`: tables in which something goes on by itself. */
    contents(besides = /^$/) {
      const tables = raw.prepare("select name from sqlite_schema where type = 'table' and sql not like '%fts5%'").all();
      const names = tables
        .map(({ name }) => String(name))
        .filter((name) => !uncounted.test(name) && !besides.test(name));
      const rows = names.map((name) => [name, raw.prepare(`select * from "${name}"`).all()]);
      return JSON.stringify(rows, (key, value: unknown) => (toldByScheduler.has(key) ? undefined : value));
    },
    async close() {
      await lab.stop();
      await access.close();
      await store.close();
    },
  };
}

export type OpenLab = Awaited<ReturnType<typeof openLabOver>>;

/** What the scheduler tells of waiting experiments, whenever it looks. Whatever else a change does, it does not only this. */
const toldByScheduler = new Set(["status_reason", "eta_at", "projected_micros", "updated_at"]);
const uncounted = /^(request_days|meta|balances|pod_meters|idempotency_keys|search_|sqlite_)/;

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  const first = await reader?.read();
  await reader?.cancel();
  return Buffer.from(first?.value ?? []).toString();
}
