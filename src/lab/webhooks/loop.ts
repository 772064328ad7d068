import type { Selectable } from "kysely";
import type { Delivered, Delivery } from "../../clients/http/deliver.js";
import type { Clock } from "../../core/clock.js";
import type { WebhookDeliveriesTable, WebhooksTable } from "../store/schema-outside.js";
import type { Change, LabStore } from "../store/store.js";
import { isPublicAddress } from "./address.js";
import { signatureOf } from "./message.js";
import { fillOutbox, pruneDeliveries } from "./outbox.js";
import { failuresToDisable, judgeAnswer, nextTryAt } from "./retry.js";
import type { WebhookSecrets } from "./secrets.js";

export interface WebhookLoop {
  start(): void;
  /** What is under way is given up; it is sent again by the next start. */
  stop(): Promise<void>;
  /** Sends what is due now; resolves when that is done. */
  pass(): Promise<void>;
}

interface LoopParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly secrets: WebhookSecrets;
  /** Default: over the network. */
  readonly send: (delivery: Delivery) => Promise<Delivered>;
  /** Targets on private addresses are allowed: the server's own choice. */
  readonly allowsPrivate: boolean;
  readonly random?: () => number;
  readonly log: (line: string) => void;
}

type DeliveryRow = Selectable<WebhookDeliveriesTable>;
type WebhookRow = Selectable<WebhooksTable>;

const sentAtOnce = 4;
const timeoutMs = 10_000;
/** Longest sleep: the next due time is looked up again then. */
const longestWaitMs = 60_000;

/** Sends what happens in a lab to its webhooks, at least once each, in its own time: nothing waits for a receiver. */
export function createWebhookLoop(parts: LoopParts): WebhookLoop {
  const { store, clock, log } = parts;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let forget = () => undefined as unknown;
  let wanted = false;
  let working: Promise<void> = Promise.resolve();

  const pass = async () => {
    for (let more = true; more && !stopped; ) {
      const hasMoreEvents = await fillOutbox(store);
      const due = await dueDeliveries(store, clock.now());
      await Promise.all(due.map(({ delivery, hook }) => attempt(parts, delivery, hook)));
      more = hasMoreEvents || due.length > 0;
    }
  };
  const sleep = async () => {
    const next = await store.db
      .selectFrom("webhook_deliveries")
      .select(({ fn }) => fn.min("next_at").as("at"))
      .where("status", "=", "pending")
      .executeTakeFirst();
    if (next?.at === null || next === undefined || stopped) return;
    timer = setTimeout(soon, Math.min(longestWaitMs, Math.max(0, next.at - clock.now())));
    timer.unref();
  };
  const soon = () => {
    if (wanted || stopped) return;
    wanted = true;
    clearTimeout(timer);
    working = working.then(async () => {
      wanted = false;
      await pass()
        .then(sleep)
        .catch((error: unknown) => log(`webhooks: ${String(error)}`));
    });
  };

  return {
    pass,
    start() {
      // A watcher is called inside the commit: the work itself waits for the next turn.
      forget = store.onChange((topics) => {
        if (topics.has("events") || topics.has("webhooks")) setImmediate(soon);
      });
      void pruneDeliveries(store).catch((error: unknown) => log(`webhooks: ${String(error)}`));
      soon();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      forget();
      await working;
    },
  };
}

async function dueDeliveries(store: LabStore, nowMs: number) {
  const rows = await store.db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("status", "=", "pending")
    .where("next_at", "<=", nowMs)
    .orderBy("next_at")
    .orderBy("n")
    .limit(sentAtOnce)
    .execute();
  const hooks = await store.db
    .selectFrom("webhooks")
    .selectAll()
    .where("id", "in", [...new Set(rows.map((row) => row.webhook_id)), ""])
    .execute();
  const byId = new Map(hooks.map((hook) => [hook.id, hook]));
  return rows.map((delivery) => ({ delivery, hook: byId.get(delivery.webhook_id) }));
}

interface Tried {
  readonly verdict: "delivered" | "retry" | "gone";
  readonly status: number | null;
  readonly excerpt: string | null;
  readonly error: string | null;
}

async function attempt(parts: LoopParts, delivery: DeliveryRow, hook: WebhookRow | undefined): Promise<void> {
  const startedAt = parts.clock.now();
  const tried: Tried = hook?.enabled === 1 ? await post(parts, delivery, hook) : switchedOff;
  await record(parts, { delivery, tried, durationMs: parts.clock.now() - startedAt });
}

const switchedOff: Tried = { verdict: "gone", status: null, excerpt: null, error: "the webhook was switched off" };

async function post(
  { send, secrets, allowsPrivate }: LoopParts,
  delivery: DeliveryRow,
  hook: WebhookRow,
): Promise<Tried> {
  const secret = secrets.get(hook.id);
  if (secret === undefined) {
    return { ...switchedOff, error: "its secret is lost, as after a restore: set a new one (PATCH secret)" };
  }
  try {
    const { status, excerpt } = await send({
      url: new URL(hook.url),
      body: delivery.payload,
      headers: {
        "user-agent": "hubify-tui",
        "x-hubify-event": delivery.event,
        "x-hubify-delivery": delivery.id,
        "x-hubify-attempt": String(delivery.attempt + 1),
        "x-hubify-signature": signatureOf(secret, delivery.payload),
      },
      timeoutMs,
      mayReach: allowsPrivate ? () => true : isPublicAddress,
    });
    return { verdict: judgeAnswer(status), status, excerpt, error: null };
  } catch (error) {
    return { verdict: "retry", status: null, excerpt: null, error: reasonOf(error) };
  }
}

/** The innermost reason: undici wraps what the socket said. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (inner instanceof Error ? inner.message || inner.name : String(inner)).slice(0, 300);
}

interface Outcome {
  readonly delivery: DeliveryRow;
  readonly tried: Tried;
  readonly durationMs: number;
}

/** Writes how a try went, and switches a webhook off whose receiver is gone. */
function record({ store, random = Math.random }: LoopParts, { delivery, tried, durationMs }: Outcome): Promise<void> {
  return store.change(async ({ tx, at, event, touch }) => {
    const attempt = delivery.attempt + 1;
    const nextAt = tried.verdict === "retry" ? nextTryAt(attempt, at, random()) : null;
    const status = tried.verdict === "delivered" ? "delivered" : nextAt === null ? "failed" : "pending";
    await tx
      .updateTable("webhook_deliveries")
      .set({
        attempt,
        status,
        next_at: nextAt,
        response_status: tried.status,
        response_excerpt: tried.excerpt,
        error: tried.error,
        duration_ms: durationMs,
        ended_at: status === "pending" ? null : at,
      })
      .where("id", "=", delivery.id)
      .execute();
    touch(`webhook:${delivery.webhook_id}`);
    if (status !== "pending") await countFailures({ tx, event }, delivery.webhook_id, { status, answer: tried.status });
  });
}

interface Ended {
  readonly status: "delivered" | "failed";
  /** The receiver's last answer. */
  readonly answer: number | null;
}

/** Switches a webhook off whose receiver is gone, or has not worked for long. */
async function countFailures(
  { tx, event }: Pick<Change, "tx" | "event">,
  webhookId: string,
  { status, answer }: Ended,
): Promise<void> {
  const hook = await tx.selectFrom("webhooks").selectAll().where("id", "=", webhookId).executeTakeFirst();
  if (hook === undefined) return;
  const failures = status === "delivered" ? 0 : hook.failures + 1;
  const isOver = hook.enabled === 1 && (answer === 410 || failures >= failuresToDisable);
  const reason = answer === 410 ? "its receiver answered 410: gone" : `${failures} deliveries in a row failed`;
  await tx
    .updateTable("webhooks")
    .set({ failures, ...(isOver ? { enabled: 0, disabled_reason: reason } : {}) })
    .where("id", "=", hook.id)
    .execute();
  if (isOver)
    event("webhook.trouble", hook.id, { labId: hook.lab_id, url: hook.url, message: `switched off: ${reason}` });
}
