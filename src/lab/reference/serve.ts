import { randomBytes } from "node:crypto";
import type { Route } from "../http/route.js";

/** What the reference is served as. It is made when somebody first asks: a lab that starts does not wait for it. */
export interface Reference {
  /** The OpenAPI document as JSON text. */
  document(): Promise<string>;
  /** The page, and the policy that lets nothing but itself run in it. */
  page(): Promise<{ readonly html: string; readonly policy: string }>;
}

export function createReference(routes: readonly Route[], version: string): Reference {
  const load = once(async () => {
    const [{ openApiDocument }, { default: descriptions }] = await Promise.all([
      import("./openapi.js"),
      import("./descriptions.json", { with: { type: "json" } }),
    ]);
    return openApiDocument({ routes, version, descriptions });
  });
  const text = once(async () => JSON.stringify(await load()));
  return {
    document: text,
    async page() {
      const { contentSecurityPolicy, referencePage } = await import("./page.js");
      const nonce = randomBytes(16).toString("base64");
      return { html: referencePage(await load(), nonce), policy: contentSecurityPolicy(nonce) };
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
