import { emptyForMs } from "../http/rate-governor.js";
import { rateWindows } from "../http/rate-limit.js";
import { type RetryPolicy, retryAfterMs } from "../http/retry.js";

const mostTries = 4;
const firstWaitMs = 1_000;
const longestBackoffMs = 30_000;
/** Whoever would have to wait longer is told so instead. */
const longestWaitMs = 60_000;

/**
 * RunPod's own convention (runpod-api §3): 429 for every method, as long as the server says; 5xx and lost connections only
 * where the method may be repeated; POST and PATCH never.
 */
export const runpodRetry: RetryPolicy = ({ method, attempt, status, header, nowMs, random }) => {
  if (attempt >= mostTries) return null;
  const isLimit = status === 429;
  const isTransient = status === null || status >= 500;
  if (!isLimit && (!isTransient || method === "POST" || method === "PATCH")) return null;
  const asked = retryAfterMs(header("retry-after"), nowMs) ?? 0;
  const empty = isLimit ? emptyForMs(rateWindows(header("ratelimit"), header("ratelimit-policy"))) : 0;
  const backoff = Math.min(longestBackoffMs, firstWaitMs * 2 ** (attempt - 1));
  const waitMs = Math.max(asked, empty) || backoff / 2 + (random * backoff) / 2;
  return waitMs > longestWaitMs ? null : Math.round(waitMs);
};
