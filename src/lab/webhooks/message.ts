import { createHmac } from "node:crypto";

/** What a webhook is told: the envelope of the vendor's older product, with the lab in the workspace's place. */
export interface WebhookMessage {
  readonly id: string;
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  readonly lab_id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Whether one of the patterns names the event. */
export function isWanted(patterns: readonly string[], event: string): boolean {
  const [noun = ""] = event.split(".");
  return patterns.some((pattern) => pattern === "*" || pattern === event || pattern === `${noun}.*`);
}

/** `sha256=<hex>`: HMAC-SHA256 of the body as it is sent. */
export const signatureOf = (secret: string, body: string): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
