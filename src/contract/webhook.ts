import { z } from "zod";

/** `experiment.failed`, all of a noun (`pod.*`), or everything (`*`). */
const EventPattern = z
  .string()
  .regex(/^(\*|[a-z]+\.(\*|[A-Za-z_]+))$/, "must be an event such as experiment.failed, a noun such as pod.*, or *");

const events = z.array(EventPattern).min(1).max(50);

const url = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .max(2000)
  .refine((text) => !URL.canParse(text) || new URL(text).username === "", "must hold no user name or password");

export const Webhook = z.object({
  _id: z.string(),
  id: z.string(),
  _creationTime: z.number(),
  labId: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  enabled: z.boolean(),
  /** Deliveries in a row that were given up. */
  failures: z.number().int(),
  /** Why the lab switched it off; enabling it again clears this. */
  disabledReason: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Webhook = z.infer<typeof Webhook>;

/** The answer of its creation: the secret is told this once. */
export const CreatedWebhook = Webhook.extend({
  /** Deliveries are signed with it: `x-hubify-signature: sha256=<hex of HMAC-SHA256 over the body>`. */
  secret: z.string(),
});
export type CreatedWebhook = z.infer<typeof CreatedWebhook>;

export const NewWebhook = z.strictObject({
  labId: z.string().min(1),
  url,
  /** `experiment.failed`, all of a noun (`pod.*`), or everything (`*`). */
  events,
  /** At least 16 characters; made by the lab when it is left out. */
  secret: z.string().min(16).max(200).optional(),
  description: z.string().max(500).optional(),
  enabled: z.boolean().default(true),
});
export type NewWebhook = z.input<typeof NewWebhook>;

export const WebhookPatch = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  /** Signs from the next delivery on. */
  secret: z.string().min(16).max(200).optional(),
  description: z.string().max(500).nullable().optional(),
  enabled: z.boolean().optional(),
});
export type WebhookPatch = z.infer<typeof WebhookPatch>;

export const deliveryStatuses = ["pending", "delivered", "failed"] as const;

/** One event on its way to one webhook. */
export const WebhookDelivery = z.object({
  _id: z.string(),
  id: z.string(),
  _creationTime: z.number(),
  webhookId: z.string(),
  event: z.string(),
  status: z.enum(deliveryStatuses),
  /** Tries so far. */
  attempt: z.number().int(),
  /** ms; of the next try, while it is pending. */
  nextAt: z.number().nullable(),
  responseStatus: z.number().int().nullable(),
  /** The first bytes of the last answer. */
  responseExcerpt: z.string().nullable(),
  /** Why the last try failed without an answer. */
  error: z.string().nullable(),
  durationMs: z.number().nullable(),
  /** The body, as it is signed and sent. */
  payload: z.string(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
