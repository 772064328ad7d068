import type { Clock } from "../../core/clock.js";
import type { LabsService } from "../services/labs.js";
import { createWebhooks, type WebhooksService } from "../services/webhooks.js";
import type { LabStore } from "../store/store.js";
import { createWebhookLoop, type WebhookLoop } from "./loop.js";
import { openWebhookSecrets } from "./secrets.js";

interface Parts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly labs: Pick<LabsService, "idOf">;
  /** Targets on private addresses are allowed. */
  readonly allowsPrivate: boolean;
  readonly log: (line: string) => void;
}

/** Webhooks: what a client asks of them, and what sends. */
export function composeWebhooks(parts: Parts): { readonly service: WebhooksService; readonly loop: WebhookLoop } {
  const secrets = openWebhookSecrets(parts.dataDir);
  return {
    service: createWebhooks({ ...parts, secrets }),
    // The HTTP client is loaded by the first delivery: a lab that starts does not wait for it.
    loop: createWebhookLoop({
      ...parts,
      secrets,
      send: async (delivery) => (await import("../../clients/http/deliver.js")).deliver(delivery),
    }),
  };
}
