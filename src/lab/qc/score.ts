import { type QcCheck, type QcGate, qcGateWeights } from "../../contract/qc.js";

const warningCredit = 0.5;

/** 0–100, as `qcGateWeights` explains it. null: nothing was checked. */
export function scoreOf(checks: readonly QcCheck[]): number | null {
  const gates = new Map<QcGate, QcCheck[]>();
  for (const check of checks) {
    const gate = check.gate as QcGate;
    gates.set(gate, [...(gates.get(gate) ?? []), check]);
  }
  let weights = 0;
  let earned = 0;
  for (const [gate, own] of gates) {
    const weight = qcGateWeights[gate];
    weights += weight;
    earned += (weight * own.reduce((sum, check) => sum + creditOf(check), 0)) / own.length;
  }
  return weights === 0 ? null : Math.round((100 * earned) / weights);
}

const creditOf = ({ ok, severity }: QcCheck) => (ok ? 1 : severity === "warning" ? warningCredit : 0);
