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

export const plans = ["free", "pro", "team"] as const;

export const severities = ["info", "success", "warning", "error", "critical"] as const;

/** The board's columns, in their order (hubify-api §5.7). */
export const taskStatuses = ["backlog", "todo", "in_progress", "review", "done"] as const;

export const taskPriorities = ["urgent", "high", "medium", "low"] as const;

/** Captain (a person) > orchestrator > leads > workers (hubify-api §5.8). */
export const agentRoles = ["orchestrator", "lead", "worker"] as const;

export const agentStatuses = ["active", "idle", "busy", "retired"] as const;

export const paperStatuses = ["draft", "in_review", "submitted", "published", "archived"] as const;

export const projectStatuses = ["active", "stalled", "completed", "archived"] as const;

export const labTemplates = ["cosmology", "ml", "biology", "blank"] as const;
