// The words of the contract and their order. Apart from the schemas: the room's first frame needs the words and must not
// wait for zod.

/** The seed's life cycle: queued → running → pass / fail / blocked; a draft waits until somebody queues it. */
export const experimentStatuses = ["draft", "queued", "running", "pass", "fail", "blocked"] as const;

export const priorities = ["critical", "high", "normal", "low"] as const;

/** Position in the queue: 0 = critical … 3 = low. */
export const priorityRank: Readonly<Record<(typeof priorities)[number], number>> = {
  critical: 0,
  high: 1,
  normal: 2,
  low: 3,
};

/** Why an attempt failed, as far as a retry policy tells them apart. */
export const retryCauses = ["fail", "lost", "qc"] as const;

export const computeModes = ["H200", "H100", "A100", "CPU"] as const;

export const logLevels = ["debug", "info", "warn", "error"] as const;

export const podStatuses = ["creating", "running", "stopped", "terminated"] as const;
