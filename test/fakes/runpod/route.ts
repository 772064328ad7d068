import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answer.js";
import type { World } from "./world.js";

/** Parts of the account a key can be refused, each its own 403. */
export type Area = "pods" | "account" | "catalog" | "billing" | "templates" | "network-volumes" | "graphql";

/** One request as a route sees it. */
export interface Asked {
  readonly world: World;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:name` takes one segment. */
  readonly path: string;
  readonly area: Area;
  readonly answer: (asked: Asked) => Answer;
}

/** The values of `:name` parts when the path fits, else null. */
export function matchPath(pattern: string, pathname: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}
