import type { WebhookDelivery } from "../../contract/webhook.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import { addDelivery } from "../webhooks/outbox.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { toDelivery, type WebhookRow } from "./webhook-rows.js";

export interface WebhookDeliveries {
  /** What was sent and what waits, newest first. */
  deliveries(id: string, page: PageRequest): Promise<Page<WebhookDelivery>>;
  /** Sends `webhook.test`. */
  test(id: string): Promise<WebhookDelivery>;
  /** The same message once more, as a delivery of its own. */
  redeliver(id: string, deliveryId: string): Promise<WebhookDelivery>;
}

/** What was sent to a webhook, and sending again. `need`: its row, if the caller may see it. */
export function createDeliveries(store: LabStore, need: (id: string) => Promise<WebhookRow>): WebhookDeliveries {
  const needDelivery = async (webhookId: string, id: string) => {
    const row = await store.db
      .selectFrom("webhook_deliveries")
      .selectAll()
      .where("webhook_id", "=", webhookId)
      .where("id", "=", id)
      .executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", `Delivery ${id} does not exist.`);
    return row;
  };
  const again = (row: WebhookRow, event: string, data: Readonly<Record<string, unknown>>) =>
    store.change(async (change) => {
      const id = await addDelivery(change, row.id, { event, seq: null, at: change.at, labId: row.lab_id, data });
      change.touch("webhooks");
      return toDelivery(await needDelivery(row.id, id));
    });

  return {
    async deliveries(id, page) {
      await need(id);
      const ofHook = store.db.selectFrom("webhook_deliveries").where("webhook_id", "=", id);
      return readPage(page, {
        place: (delivery) => ofHook.select("n").where("id", "=", delivery).executeTakeFirst(),
        rows: (before, limit) => ofHook.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
        to: toDelivery,
      });
    },

    test: async (id) => again(await need(id), "webhook.test", { message: "a test of this webhook" }),

    async redeliver(id, deliveryId) {
      const row = await need(id);
      const { event, payload } = await needDelivery(id, deliveryId);
      const { data } = JSON.parse(payload) as { data: Readonly<Record<string, unknown>> };
      return again(row, event, data);
    },
  };
}
