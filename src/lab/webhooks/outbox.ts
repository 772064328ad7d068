import { describeEvent, type Payload } from "../activity/words.js";
import { newDocumentId } from "../services/document-id.js";
import type { Change, LabStore } from "../store/store.js";
import { isWanted, type WebhookMessage } from "./message.js";

/** Events looked at in one step, and deliveries that may wait for one webhook: the rest waits in the events themselves. */
const eventsPerStep = 200;
export const maxPending = 500;
/** Ended deliveries are kept this long for whoever asks what was sent. */
const keptMs = 14 * 24 * 3_600_000;

/**
 * Turns what has happened since into deliveries. The events are the outbox: a lab that was killed goes on behind the last one it
 * took, and a receiver that is slow holds up its own deliveries only. Answers whether there may be more.
 */
export async function fillOutbox(store: LabStore): Promise<boolean> {
  const hooks = await store.db.selectFrom("webhooks").selectAll().where("enabled", "=", 1).execute();
  let isMore = false;
  for (const { id, lab_id: labId, events, last_seq: lastSeq } of hooks) {
    const patterns = JSON.parse(events) as string[];
    const rows = await store.db
      .selectFrom("events")
      .selectAll()
      .where("lab_id", "=", labId)
      .where("seq", ">", lastSeq)
      .orderBy("seq")
      .limit(eventsPerStep)
      .execute();
    const last = rows.at(-1);
    if (last === undefined || (await countPending(store, id)) >= maxPending) continue;
    isMore ||= rows.length === eventsPerStep;
    const wanted = rows.filter(({ topic }) => isWanted(patterns, topic));
    // A few that nobody wants are read again the next time: that is cheaper than a write for each of them.
    if (wanted.length === 0 && rows.length < eventsPerStep) continue;
    await store.change(async (change) => {
      for (const { seq, topic, payload, at } of wanted) {
        const data = JSON.parse(payload) as Payload;
        const told = { ...data, ...describeEvent(topic, data) };
        await addDelivery(change, id, { event: topic, seq, at, labId, data: told });
      }
      await change.tx.updateTable("webhooks").set({ last_seq: last.seq }).where("id", "=", id).execute();
    });
  }
  return isMore;
}

async function countPending(store: LabStore, webhookId: string): Promise<number> {
  const { count } = await store.db
    .selectFrom("webhook_deliveries")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("webhook_id", "=", webhookId)
    .where("next_at", "is not", null)
    .where("status", "=", "pending")
    .executeTakeFirstOrThrow();
  return count;
}

interface Told {
  readonly event: string;
  /** null: nothing happened, somebody tries the webhook out. */
  readonly seq: number | null;
  readonly at: number;
  readonly labId: string;
  readonly data: Payload;
}

/** One message for one webhook, due now; answers its document id. */
export async function addDelivery(
  change: Change,
  webhookId: string,
  { event, seq, at, labId, data }: Told,
): Promise<string> {
  const id = newDocumentId();
  const message: WebhookMessage = {
    id: `evt_${seq ?? id}`,
    type: event,
    created_at: new Date(at).toISOString(),
    lab_id: labId,
    data,
  };
  await change.tx
    .insertInto("webhook_deliveries")
    .values({
      id,
      webhook_id: webhookId,
      event_seq: seq,
      event,
      payload: JSON.stringify(message),
      status: "pending",
      next_at: change.at,
      created_at: change.at,
    })
    .execute();
  change.touch(`webhook:${webhookId}`);
  return id;
}

/** Forgets deliveries that ended long ago. */
export function pruneDeliveries(store: LabStore): Promise<void> {
  return store.change(async ({ tx, at }) => {
    await tx
      .deleteFrom("webhook_deliveries")
      .where("status", "<>", "pending")
      .where("created_at", "<", at - keptMs)
      .execute();
  });
}
