import { createAccess } from "../../../src/lab/access/access.js";
import { createBackend } from "../../../src/lab/backend.js";
import { functions } from "../../../src/lab/functions/index.js";
import type { AppParts } from "../../../src/lab/http/app.js";
import { createApp } from "../../../src/lab/http/app.js";
import { functionApi } from "../../../src/lab/sync/http.js";
import { openServices } from "../functions/fake-services.js";

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Body {
  readonly data?: unknown;
  readonly meta?: Record<string, unknown>;
  readonly error?: { code: string; message: string; status: number };
}

type Settings = Parameters<typeof createAccess>[0]["settings"];

/** A whole lab without a port: tokens, REST and Convex's functions. The owner's token is `owner`. */
export async function openAccess(settings: Settings = {}, more: Partial<AppParts> = {}) {
  const lab = await openServices();
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const access = createAccess({ ...lab, settings, token: "owner", onError });
  const { actors, guard, requestDays } = access;
  const { byToken: actorOf, onChange: onAccessChange } = actors;
  const backend = createBackend({ ...lab, functions, actorOf, onAccessChange });
  const app = createApp({
    ...lab,
    version: "1.2.3",
    heartbeatMs: 15_000,
    actorOf,
    onAccessChange,
    guard,
    requestDays,
    requestsPerMinute: 1000,
    functionApi: functionApi(backend, { allowOrigin: guard.allowsOrigin }),
    onFault: (_, error) => onError(error),
    ...more,
  });
  const ask = async (token: string | null, route: string, { body, headers = {} }: Asked = {}) => {
    const [method = "GET", path = "/"] = route.split(" ");
    const response = await app.request(path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (text === "" ? {} : JSON.parse(text)) as Body,
    };
  };
  const data = async <T = Record<string, unknown>>(
    token: string | null,
    route: string,
    asked: Asked = {},
  ): Promise<T> => {
    const answer = await ask(token, route, asked);
    if (answer.status >= 300) throw new Error(`${route}: ${answer.status} ${answer.text}`, { cause: errors.at(-1) });
    return answer.body.data as T;
  };
  const makeKey = async (draft: Record<string, unknown>, by = "owner") =>
    data<{ key: string; id: string; prefix: string }>(by, "POST /v1/auth/keys", { body: { name: "ci", ...draft } });
  return { ...lab, access, actors, backend, app, ask, data, makeKey, errors };
}
