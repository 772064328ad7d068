import { type Actor, owner } from "../../../src/lab/access/actor.js";
import { createApp } from "../../../src/lab/http/app.js";
import { openServices } from "../functions/fake-services.js";

interface Asked {
  readonly body?: unknown;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Who may do everything in another lab; its token is `foreign`. */
const foreigner: Actor = {
  ...owner,
  kind: "key",
  id: "foreign",
  name: "key foreign",
  grants: [{ labId: "another", noun: "*", verb: "admin" }],
};

/** The whole HTTP surface without a port. */
export async function openRest({ requestsPerMinute = 1000, heartbeatMs = 15_000 } = {}) {
  const lab = await openServices();
  const faults: { requestId: string; error: unknown }[] = [];
  const app = createApp({
    ...lab,
    actorOf: (given) => (given === "secret" ? owner : given === "foreign" ? foreigner : null),
    version: "1.2.3",
    requestsPerMinute,
    heartbeatMs,
    functionApi: async (request) => (request.url.endsWith("/api/query") ? Response.json({ status: "success" }) : null),
    onFault: (requestId, error) => faults.push({ requestId, error }),
  });
  const ask = async (method: string, path: string, { body, token = "secret", headers = {}, signal }: Asked = {}) =>
    app.request(path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  const json = async (method: string, path: string, asked: Asked = {}) => {
    const response = await ask(method, path, asked);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  };
  return { ...lab, app, ask, json, faults };
}

interface Body {
  readonly data?: unknown;
  readonly meta?: Record<string, unknown>;
  readonly error?: { code: string; message: string; status: number };
}
