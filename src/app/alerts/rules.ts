import { longDuration } from "../../core/duration.js";
import { staleSince } from "../slices/link.js";
import type { AppState } from "../store.js";
import type { Cause, Rule } from "./cause.js";
import { chainMarks, chainOnScreen } from "./chains.js";
import { experimentBlocked, experimentFailed } from "./experiments.js";
import { balanceLow, budget } from "./money.js";
import { gpuIdle, podEndsSoon, podIdle, podStopped, podTrouble } from "./pods.js";
import { providerDown } from "./providers.js";

const lostForLongMs = 5 * 60_000;

const linkLost: Rule = ({ link, view }) => {
  if (link.link.state !== "lost") return [];
  const forMs = view.nowMs - (staleSince(link) ?? view.nowMs);
  const text = `link lost, what is shown is ${longDuration(forMs)} old: ${link.link.reason}`;
  return [{ key: "link.lost", severity: forMs > lostForLongMs ? "critical" : "warning", text, target: null }];
};

/** A provider that allows no more requests for a while is asked less often: what is on the screen is older than usual. */
const rateLimitNear: Rule = ({ link: { link } }) => {
  if (link.state !== "live" || link.detail === undefined) return [];
  return [
    { key: "link.rate", severity: "info", text: `rate limit near: ${link.detail}`, target: null, holdMs: 10_000 },
  ];
};

const rules: readonly Rule[] = [
  linkLost,
  experimentFailed,
  providerDown,
  podTrouble,
  chainMarks,
  chainOnScreen,
  balanceLow,
  budget,
  podEndsSoon,
  podIdle,
  gpuIdle,
  podStopped,
  experimentBlocked,
  rateLimitNear,
];
const severityRank = { critical: 0, warning: 1, info: 2 } as const;

/** Everything a person should look at now, the worst first. While the link is lost only that is certain. */
export function alertCauses(state: AppState): readonly Cause[] {
  return rules.flatMap((rule) => rule(state)).sort((a, b) => severityRank[a.severity] - severityRank[b.severity]);
}
