import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { isBalanceLow, lowRunwayHours } from "../selectors/money.js";
import type { Cause, Rule } from "./cause.js";

const hourMs = 3_600_000;

/** How the month stands to the budget; nothing that runs is stopped by it, but the queue may stand still. */
export const budget: Rule = ({ costs: { costs } }) => {
  if (costs === null) return [];
  const { state, monthlyUsd, warnUsd, queuePaused } = costs.budget;
  const spent = usd(costs.summary.totalUsd, { estimate: costs.estimated });
  const causes: Cause[] = [];
  if (queuePaused !== null) {
    causes.push({
      key: "budget.paused",
      severity: "critical",
      text: `the queue is paused: ${queuePaused}`,
      target: null,
    });
  }
  if (state === "over") {
    const text = `the month has cost ${spent}, over its budget of ${usd(monthlyUsd)}`;
    causes.push({ key: "budget.over", severity: "critical", text, target: null });
  }
  if (state === "warn") {
    const text = `the month has cost ${spent} of ${usd(monthlyUsd)}; warned from ${usd(warnUsd)} on`;
    causes.push({ key: "budget.warn", severity: "warning", text, target: null });
  }
  return causes;
};

/** A provider whose balance is used up stops every pod, and in time deletes what is on it. */
export const balanceLow: Rule = ({ costs: { costs } }) => {
  if (costs === null || !isBalanceLow(costs.balance)) return [];
  const { usd: amountUsd, runwayHours } = costs.balance;
  const hours = runwayHours ?? 0;
  const text = `the balance of ${usd(amountUsd)} lasts ${longDuration(hours * hourMs)} at this burn, then every pod stops`;
  return [
    { key: "balance.low", severity: hours < lowRunwayHours.critical ? "critical" : "warning", text, target: null },
  ];
};
