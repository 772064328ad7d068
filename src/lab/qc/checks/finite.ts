import type { QcCheck } from "../../../contract/qc.js";
import type { Facts, Gate } from "../facts.js";

const gate = "finite";
const shownPlaces = 3;

/**
 * No NaN and no infinity among the results. In the log they fail a run only when nothing finite came after them: a loss scaler
 * that starts too high says inf once, and goes on.
 */
export const finite: Gate = {
  name: gate,
  judge: (facts) => [...resultCheck(facts), ...logCheck(facts)],
};

function resultCheck({ notFinite }: Facts): QcCheck[] {
  const [first] = notFinite;
  if (first === undefined) return [];
  const places = notFinite.slice(0, shownPlaces).map(({ place, value }) => `${place} = ${value}`);
  const more = notFinite.length > shownPlaces ? ` and ${notFinite.length - shownPlaces} more` : "";
  const reason = `not a number: ${places.join(", ")}${more}`;
  return [{ name: "finite results", gate, ok: false, value: first.value, bound: "finite numbers", reason }];
}

function logCheck({ chain: { notFiniteAt, lastAt } }: Facts): QcCheck[] {
  if (notFiniteAt === null) return [];
  const isLast = lastAt === null || lastAt <= notFiniteAt;
  const about = { name: "finite output", gate, ok: false, value: "NaN", bound: "finite numbers" };
  if (isLast) return [{ ...about, reason: "the last numbers it printed are NaN or infinite" }];
  return [{ ...about, severity: "warning", reason: "it printed NaN or infinity, and finite numbers after that" }];
}
