import { isIP } from "node:net";
import { type CreatedWebhook, NewWebhook, type Webhook, WebhookPatch } from "../../contract/webhook.js";
import { needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change, LabStore } from "../store/store.js";
import { isPublicAddress } from "../webhooks/address.js";
import { newSecret, type WebhookSecrets } from "../webhooks/secrets.js";
import { newDocumentId } from "./document-id.js";
import type { LabsService } from "./labs.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { createDeliveries, type WebhookDeliveries } from "./webhook-deliveries.js";
import { toWebhook, type WebhookRow } from "./webhook-rows.js";

export interface WebhooksService extends WebhookDeliveries {
  /** The secret is in the answer, and nowhere else after. */
  create(draft: NewWebhook): Promise<CreatedWebhook>;
  /** Newest first. */
  list(query: PageRequest & { readonly labId: string }): Promise<Page<Webhook>>;
  get(id: string): Promise<Webhook>;
  /** Enabling one that was switched off starts it at what happens from now on. */
  patch(id: string, changes: WebhookPatch): Promise<Webhook>;
  remove(id: string): Promise<{ readonly id: string }>;
}

interface WebhooksParts {
  readonly store: LabStore;
  readonly labs: Pick<LabsService, "idOf">;
  readonly secrets: WebhookSecrets;
  readonly allowsPrivate: boolean;
}

export function createWebhooks({ store, labs, secrets, allowsPrivate }: WebhooksParts): WebhooksService {
  const need = async (id: string): Promise<WebhookRow> => {
    const missing = `Webhook ${id} does not exist.`;
    const row = await store.db.selectFrom("webhooks").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", missing);
    needLab(row.lab_id, missing);
    noteRead(`webhook:${id}`);
    return row;
  };
  return {
    async create(draft) {
      const { secret = newSecret(), ...wanted } = parseOrRefuse(NewWebhook, draft);
      const labId = await labs.idOf(wanted.labId);
      if (!allowsPrivate) refusePrivate(wanted.url);
      return store.change(async (change) => {
        const row = await change.tx
          .insertInto("webhooks")
          .values({
            id: newDocumentId(),
            lab_id: labId,
            url: wanted.url,
            events: JSON.stringify(wanted.events),
            description: wanted.description ?? null,
            enabled: wanted.enabled ? 1 : 0,
            last_seq: await newestEvent(store),
            created_at: change.at,
            updated_at: change.at,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        secrets.set(row.id, secret);
        tell(change, "created", row);
        return { ...toWebhook(row), secret };
      });
    },

    async list({ labId: ref, ...page }) {
      const labId = await labs.idOf(ref);
      noteRead(`webhooks:${labId}`);
      const ofLab = store.db.selectFrom("webhooks").where("lab_id", "=", labId);
      return readPage(page, {
        place: (id) => ofLab.select("n").where("id", "=", id).executeTakeFirst(),
        rows: (before, limit) => ofLab.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
        to: toWebhook,
      });
    },

    get: async (id) => toWebhook(await need(id)),

    async patch(id, wanted) {
      const { secret, events, enabled, ...fields } = parseOrRefuse(WebhookPatch, wanted);
      if (fields.url !== undefined && !allowsPrivate) refusePrivate(fields.url);
      return store.change(async (change) => {
        const isBack = (await need(id)).enabled === 0 && enabled === true;
        const row = await change.tx
          .updateTable("webhooks")
          .set({
            ...fields,
            ...(events === undefined ? {} : { events: JSON.stringify(events) }),
            ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
            ...(isBack ? { failures: 0, disabled_reason: null, last_seq: await newestEvent(store) } : {}),
            updated_at: change.at,
          })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow();
        if (secret !== undefined) secrets.set(id, secret);
        tell(change, "updated", row);
        return toWebhook(row);
      });
    },

    remove: (id) =>
      store.change(async (change) => {
        const row = await need(id);
        await change.tx.deleteFrom("webhook_deliveries").where("webhook_id", "=", id).execute();
        await change.tx.deleteFrom("webhooks").where("id", "=", id).execute();
        secrets.remove(id);
        tell(change, "deleted", row);
        return { id };
      }),

    ...createDeliveries(store, need),
  };
}

function tell(change: Change, verb: "created" | "updated" | "deleted", { id, lab_id: labId, url }: WebhookRow): void {
  change.event(`webhook.${verb}`, id, { labId, url });
  for (const topic of [`webhook:${id}`, `webhooks:${labId}`]) change.touch(topic);
}

/** A webhook hears what happens behind it. */
async function newestEvent({ db }: LabStore): Promise<number> {
  const row = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst();
  return row?.seq ?? 0;
}

/** A name is looked up when it is spoken to; an address can be refused at once. */
function refusePrivate(url: string): void {
  const host = new URL(url).hostname.replace(/^\[|\]$|\.$/g, "");
  const isLocalName = /(^|\.)(localhost|local|internal)$/i.test(host);
  if (!isLocalName && (isIP(host) === 0 || isPublicAddress(host))) return;
  throw new LabError(
    "validation_error",
    `url: ${host} is a private address; a server that may send there has lab.webhooksToPrivateAddresses in its config`,
  );
}
