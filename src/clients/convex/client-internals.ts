import type { ConvexClient } from "convex/browser";
import { z } from "zod";

/**
 * The few private parts of ConvexClient (1.48.0, pinned) that a control room wants and that have no public name. Everything is
 * looked at before it is used: with another version they are missing, and nothing breaks but the comfort.
 */
const Manager = z.object({
  tryReconnectImmediately: z.custom<() => void>((value) => typeof value === "function"),
  socketState: z.custom<() => string>((value) => typeof value === "function"),
});
const Scheduled = z.object({ timeout: z.unknown(), backoffMs: z.number() });

function managerOf(client: ConvexClient): unknown {
  return (client.client as unknown as { webSocketManager?: unknown }).webSocketManager;
}

/** Ends the wait of a backoff, if one is going on. */
export function reconnectNow(client: ConvexClient): void {
  const manager = managerOf(client);
  if (Manager.safeParse(manager).success) (manager as z.infer<typeof Manager>).tryReconnectImmediately();
}

/** True when the client has given up for ever, which it does on a FatalError of the server. */
export function isTerminated(client: ConvexClient): boolean {
  const manager = managerOf(client);
  return Manager.safeParse(manager).success && (manager as z.infer<typeof Manager>).socketState() === "terminated";
}

/** The wait that is scheduled before the next try; `id` tells one wait from the next. Null when none is known. */
export function scheduledReconnect(client: ConvexClient): { id: unknown; backoffMs: number } | null {
  const scheduled = Scheduled.safeParse((managerOf(client) as { scheduledReconnect?: unknown }).scheduledReconnect);
  return scheduled.success ? { id: scheduled.data.timeout, backoffMs: scheduled.data.backoffMs } : null;
}
