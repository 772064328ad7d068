import type { QcCheck, QcGate } from "../../contract/qc.js";
import { keptValue, shortNumber } from "./facts.js";

export interface Bound {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** `≤ 0.01`, `≥ 400`, `0.2 to 0.4`. */
export function boundText({ min, max }: Bound): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (max !== undefined) return `≤ ${max}`;
  return min === undefined ? "a finite number" : `≥ ${min}`;
}

/** A number held against its bound; `label` is what the reason calls it. Unknown is not within bounds. */
export function boundCheck(
  { gate, name, label = name }: { gate: QcGate; name: string; label?: string },
  value: number | undefined,
  bound: Bound,
): QcCheck {
  const about = { name, gate, bound: boundText(bound) };
  if (value === undefined) return { ...about, ok: false, value: null, reason: `${label} was never reported` };
  const says = `${label} = ${shortNumber(value)}`;
  return { ...about, ...within(says, value, bound), value: keptValue(value) };
}

function within(says: string, value: number, { min, max }: Bound): Pick<QcCheck, "ok" | "reason"> {
  if (Number.isNaN(value)) return { ok: false, reason: says };
  if (min !== undefined && value < min) return { ok: false, reason: `${says} below ${min}` };
  if (max !== undefined && value > max) return { ok: false, reason: `${says} above ${max}` };
  return { ok: true, reason: says };
}
