import { z } from "zod";
import {
  CreatedWebhook,
  type NewWebhook,
  Webhook,
  WebhookDelivery,
  type WebhookPatch,
} from "../../contract/webhook.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

/** A test waits for the target's answer. */
const deliveringMs = 60_000;

/** Who is told of what happens in a lab. A webhook's secret is answered once, when it is made. */
export function webhooksClient(http: Http) {
  return {
    list: (query: PageQuery & { labId: string }) =>
      http.get("/v1/webhooks", { query: { ...query }, expect: pageOf(Webhook) }),
    get: (id: string) => http.get(path`/v1/webhooks/${id}`, { expect: dataOf(Webhook) }),
    create: (draft: NewWebhook) => http.post("/v1/webhooks", { body: draft, expect: dataOf(CreatedWebhook) }),
    patch: (id: string, changes: WebhookPatch) =>
      http.patch(path`/v1/webhooks/${id}`, { body: changes, expect: dataOf(Webhook) }),
    test: (id: string) =>
      http.post(path`/v1/webhooks/${id}/test`, { expect: dataOf(WebhookDelivery), timeoutMs: deliveringMs }),
    deliveries: (id: string, query: PageQuery = {}) =>
      http.get(path`/v1/webhooks/${id}/deliveries`, { query: { ...query }, expect: pageOf(WebhookDelivery) }),
    delete: (id: string) => http.delete(path`/v1/webhooks/${id}`, { expect: z.unknown() }),
  };
}
