import type { Context } from "hono";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import { parseJsonBody } from "./json-body.js";
import type { Route } from "./route.js";

/** What a request says, checked, and its body's text as it came. */
export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly bodyText: string;
}

/** Reads a request as its route describes it; everything else is refused with the field named. */
export async function readInput(route: Route, http: Context): Promise<Input> {
  const params = route.params === undefined ? undefined : parseOrRefuse(route.params, readParams(http));
  const query = readQuery(route, http.req.url);
  if (route.body === undefined) return { params, query, body: undefined, bodyText: "" };
  const bodyText = await readText(http, route.maxBodyBytes);
  const value = bodyText.trim() === "" ? {} : await parseJsonBody(bodyText);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const what = Array.isArray(value) ? "a list" : JSON.stringify(value).slice(0, 60);
    throw new LabError("validation_error", `body: must be an object (was ${what})`);
  }
  return { params, query, body: parseOrRefuse(route.body, value), bodyText };
}

function readParams(http: Context): Record<string, string> {
  const params = http.req.param();
  for (const [name, value] of Object.entries(params)) refuseNul(name, value);
  return params;
}

function readQuery({ query, method, path }: Route, url: string): unknown {
  const start = url.indexOf("?");
  const given: Record<string, string> = {};
  if (start !== -1 && start < url.length - 1) {
    for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
      if (Object.hasOwn(given, name)) throw new LabError("validation_error", `${name}: given twice; give it once`);
      refuseNul(name, value);
      // Not by assignment, which would take `__proto__` for the prototype.
      Object.defineProperty(given, name, { value, enumerable: true });
    }
  }
  if (query !== undefined) return parseOrRefuse(query, given);
  const [unknown] = Object.keys(given);
  if (unknown === undefined) return undefined;
  throw new LabError("validation_error", `${unknown}: unknown; ${method.toUpperCase()} ${path} takes no query`);
}

function refuseNul(name: string, value: string): void {
  if (`${name}${value}`.includes("\0")) {
    throw new LabError("validation_error", `${name.replaceAll("\0", "\\u0000")}: has a NUL character`);
  }
}

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** The body as text. One that is announced as too large is refused unread, any other as soon as it is. */
async function readText(http: Context, maxBytes: number): Promise<string> {
  const announced = http.req.header("content-length");
  if (announced === "0") return "";
  const isChunked = http.req.header("transfer-encoding") !== undefined;
  const type = http.req.header("content-type");
  if (announced === undefined && !isChunked && type === undefined) return "";
  if (Number(announced ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (type === undefined || !jsonType.test(type)) {
    throw new LabError(
      "unsupported_media_type",
      `Content-Type: must be application/json${type === undefined ? " (is missing)" : ""}; the body is read as nothing else`,
    );
  }
  return announced === undefined ? readBounded(http.req.raw.body, maxBytes) : http.req.text();
}

async function readBounded(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    sizeBytes += part.byteLength;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

const tooLarge = (maxBytes: number) =>
  new LabError("payload_too_large", `body: larger than ${maxBytes} bytes, the most this route takes`);
