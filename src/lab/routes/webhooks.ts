import { z } from "zod";
import { sampleIds } from "../../contract/sample-ids.js";
import { CreatedWebhook, NewWebhook, Webhook, WebhookDelivery, WebhookPatch } from "../../contract/webhook.js";
import { defineOperation } from "../http/route.js";

const params = z.object({ webhookId: z.string() });
const page = { limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().optional() };
const example = { params: { webhookId: sampleIds.webhook } };

export const createWebhook = defineOperation({
  method: "post",
  path: "/v1/webhooks",
  needs: "labs:write",
  summary: "Tell a URL what happens in a lab; its `secret` is answered this once",
  body: NewWebhook,
  result: CreatedWebhook,
  status: 201,
  isSecret: true,
  call: { path: "webhooks:create", kind: "mutation" },
  example: {
    body: { labId: sampleIds.lab, url: "https://example.com/hook", events: ["experiment.failed", "pod.*"] },
  },
  handle: async ({ webhooks }, { body }) => ({ data: await webhooks.create(body) }),
});

export const listWebhooks = defineOperation({
  method: "get",
  path: "/v1/webhooks",
  needs: "labs:read",
  summary: "Webhooks of a lab, newest first",
  query: z.object({ labId: z.string().min(1), ...page }),
  result: z.array(Webhook),
  call: { path: "webhooks:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ webhooks }, { query }) {
    const { rows, nextCursor, hasMore } = await webhooks.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const getWebhook = defineOperation({
  method: "get",
  path: "/v1/webhooks/{webhookId}",
  needs: "labs:read",
  summary: "One webhook",
  params,
  result: Webhook,
  call: { path: "webhooks:get", kind: "query" },
  example,
  handle: async ({ webhooks }, { params: { webhookId } }) => ({ data: await webhooks.get(webhookId) }),
});

export const patchWebhook = defineOperation({
  method: "patch",
  path: "/v1/webhooks/{webhookId}",
  needs: "labs:write",
  summary: "Change a webhook, or switch it on again: it goes on with what happens from then on",
  params,
  body: WebhookPatch,
  result: Webhook,
  call: { path: "webhooks:patch", kind: "mutation" },
  example: { ...example, body: { enabled: true } },
  handle: async ({ webhooks }, { params: { webhookId }, body }) => ({ data: await webhooks.patch(webhookId, body) }),
});

export const testWebhook = defineOperation({
  method: "post",
  path: "/v1/webhooks/{webhookId}/test",
  needs: "labs:write",
  summary: "Send it a `webhook.test` now",
  params,
  result: WebhookDelivery,
  call: { path: "webhooks:test", kind: "mutation" },
  example,
  handle: async ({ webhooks }, { params: { webhookId } }) => ({ data: await webhooks.test(webhookId) }),
});

export const webhookDeliveries = defineOperation({
  method: "get",
  path: "/v1/webhooks/{webhookId}/deliveries",
  needs: "labs:read",
  summary: "What was sent to it and what waits, newest first",
  params,
  query: z.object(page),
  result: z.array(WebhookDelivery),
  call: { path: "webhooks:deliveries", kind: "query" },
  example,
  async handle({ webhooks }, { params: { webhookId }, query }) {
    const { rows, nextCursor, hasMore } = await webhooks.deliveries(webhookId, query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const redeliver = defineOperation({
  method: "post",
  path: "/v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver",
  needs: "labs:write",
  summary: "Send the same message once more",
  params: params.extend({ deliveryId: z.string() }),
  result: WebhookDelivery,
  call: { path: "webhooks:redeliver", kind: "mutation" },
  example: { params: { ...example.params, deliveryId: sampleIds.delivery } },
  handle: async ({ webhooks }, { params: { webhookId, deliveryId } }) => ({
    data: await webhooks.redeliver(webhookId, deliveryId),
  }),
});

export const deleteWebhook = defineOperation({
  method: "delete",
  path: "/v1/webhooks/{webhookId}",
  needs: "labs:write",
  summary: "Delete a webhook and the record of its deliveries",
  params,
  result: z.object({ id: z.string() }),
  call: { path: "webhooks:remove", kind: "mutation" },
  example,
  handle: async ({ webhooks }, { params: { webhookId } }) => ({ data: await webhooks.remove(webhookId) }),
});
