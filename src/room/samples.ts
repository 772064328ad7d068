import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { launchSamples } from "../app/samples.js";
import type { Connection } from "../contract/connection.js";

/** `--sample`: queues the samples once in the life of a lab, and only while it never had an experiment. */
export async function sampleOnce(connection: Connection, markFile: string): Promise<void> {
  if (existsSync(markFile) || connection.lab.experiment_count > 0) return;
  mkdirSync(dirname(markFile), { recursive: true });
  // Exclusive: of two rooms that start at once, one queues them.
  try {
    writeFileSync(markFile, "the samples were queued\n", { flag: "wx" });
  } catch {
    return;
  }
  await launchSamples(connection);
}
