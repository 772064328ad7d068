import type { Connection } from "../contract/connection.js";
import type { Experiment } from "../contract/experiment.js";

/** Queues one experiment of each template the lab has, with its default config. Answers them, the first one first. */
export async function launchSamples(connection: Connection): Promise<readonly Experiment[]> {
  const rows: Experiment[] = [];
  for (const { name, title, estimatedSeconds } of await connection.templates.list()) {
    const estimate = estimatedSeconds === null ? {} : { estimatedSeconds };
    rows.push(await connection.experiments.create({ title, template: name, ...estimate }));
  }
  return rows;
}
