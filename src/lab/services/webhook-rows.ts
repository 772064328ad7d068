import type { Selectable } from "kysely";
import type { Webhook, WebhookDelivery } from "../../contract/webhook.js";
import type { WebhookDeliveriesTable, WebhooksTable } from "../store/schema-outside.js";

export type WebhookRow = Selectable<WebhooksTable>;

/** A row as the contract has it. The secret is not in the table. */
export function toWebhook(row: WebhookRow): Webhook {
  return {
    _id: row.id,
    id: row.id,
    _creationTime: row.created_at,
    labId: row.lab_id,
    url: row.url,
    events: JSON.parse(row.events) as string[],
    description: row.description,
    enabled: row.enabled === 1,
    failures: row.failures,
    disabledReason: row.disabled_reason,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** One try after the other, as the contract has it. */
export function toDelivery(row: Selectable<WebhookDeliveriesTable>): WebhookDelivery {
  return {
    _id: row.id,
    id: row.id,
    _creationTime: row.created_at,
    webhookId: row.webhook_id,
    event: row.event,
    status: row.status as WebhookDelivery["status"],
    attempt: row.attempt,
    nextAt: row.next_at,
    responseStatus: row.response_status,
    responseExcerpt: row.response_excerpt,
    error: row.error,
    durationMs: row.duration_ms,
    payload: row.payload,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}
