import { ApiKey, MadeApiKey, type NewApiKey } from "../../contract/api-key.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

/** API keys. A key itself is answered once, when it is made. */
export function keysClient(http: Http) {
  return {
    list: (query: { limit?: number; cursor?: string }) =>
      http.get("/v1/auth/keys", { query: { ...query }, expect: pageOf(ApiKey) }),
    create: (draft: NewApiKey) => http.post("/v1/auth/keys", { body: draft, expect: dataOf(MadeApiKey) }),
    revoke: (ref: string) => http.delete(path`/v1/auth/keys/${ref}`, { expect: dataOf(ApiKey) }),
  };
}
