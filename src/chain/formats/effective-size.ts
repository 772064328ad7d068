import type { Format } from "../format.js";
import { numberSource, toNumber } from "../number.js";

/** Effective sample size as diagnostics scripts print it: `ESS = 812`, `N_eff: 812.4`. */
export const effectiveSize: Format = {
  tool: "effective-size",
  family: "chain",
  reads: "line",
  needles: ["ESS", "_eff", "Effective sample size"],
  patterns: [
    {
      name: "ess",
      re: new RegExp(String.raw`\b(?:ESS|N_eff|n_eff|Effective sample size)\s*[=:]\s*(${numberSource})`),
      events: ([, value], rank) => [{ kind: "ess", rank, value: toNumber(value) }],
    },
  ],
};
