/** Waits before the second try and those after it, s. A receiver that is down for most of a day still gets everything. */
const waitsSeconds = [10, 60, 300, 1_800, 7_200, 21_600, 43_200];

/** Part of a wait that chance adds, so that a receiver that comes back is not met by everything at once. */
const jitter = 0.2;

/** When the next try is due after `attempt` of them failed; null: it is given up. `random` is 0..1. */
export function nextTryAt(attempt: number, nowMs: number, random: number): number | null {
  const seconds = waitsSeconds[attempt - 1];
  return seconds === undefined ? null : Math.round(nowMs + seconds * 1000 * (1 + jitter * random));
}

/** 2xx is taken; a receiver that says 410 is gone for good; everything else is tried again. */
export function judgeAnswer(status: number): "delivered" | "retry" | "gone" {
  if (status >= 200 && status < 300) return "delivered";
  return status === 410 ? "gone" : "retry";
}

/** Deliveries that were given up in a row, after which a webhook is switched off. */
export const failuresToDisable = 10;
