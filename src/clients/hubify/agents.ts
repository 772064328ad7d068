import { Agent } from "../../contract/agent.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

/** Agents that are registered with a lab. `ref` is a name or a document id. */
export function agentsClient(http: Http) {
  return {
    list: (query: PageQuery & { labId: string; role?: string | undefined; status?: string | undefined }) =>
      http.get("/v1/agents", { query: { ...query }, expect: pageOf(Agent) }),
    get: (ref: string) => http.get(path`/v1/agents/${ref}`, { expect: dataOf(Agent) }),
  };
}
