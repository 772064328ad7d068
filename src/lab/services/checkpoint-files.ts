import { lstat, open, readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { z } from "zod";
import type { Checkpoint } from "../../contract/experiment.js";

/** A folder with more of them is looked at in part. */
const mostEntries = 2000;
/** A checkpoint that says where it stands is this short. */
const longestJson = 64 * 1024;

/** `<attempt>/<path>`, and never out of the run's directory. */
export function isCheckpointId(id: string): boolean {
  return /^\d+\/[^/]/.test(id) && !id.split("/").includes("..") && !id.includes("\0");
}

/** The JSON convention of hubify-api §8.6, as far as it is kept. */
const Stage = z.object({
  step: z.number().nullish().catch(null),
  total_steps: z.number().nullish().catch(null),
  step_name: z.string().nullish().catch(null),
  resumable: z.boolean().nullish().catch(null),
});

/** What lies in the checkpoint folder of a run's `work/`: files and folders, without links and without what is half written. */
export async function readCheckpoints(work: string, folder: string, attempt: number): Promise<Checkpoint[]> {
  const entries = await readdir(join(work, folder), { withFileTypes: true }).catch(() => []);
  const whole = entries.filter((entry) => !/^\.|\.(tmp|part|partial)$/.test(entry.name)).slice(0, mostEntries);
  const found = await Promise.all(
    whole.map(async (entry) => {
      if (!entry.isFile() && !entry.isDirectory()) return null;
      const path = posix.join(posix.normalize(folder), entry.name);
      return readCheckpoint(work, { path, name: entry.name, attempt }).catch(() => null);
    }),
  );
  return found.filter((checkpoint) => checkpoint !== null);
}

async function readCheckpoint(
  work: string,
  { path, name, attempt }: { path: string; name: string; attempt: number },
): Promise<Checkpoint> {
  const file = join(work, path);
  const seen = await lstat(file);
  const isFolder = seen.isDirectory();
  const json = isFolder ? join(file, "checkpoint.json") : file.endsWith(".json") ? file : null;
  return {
    id: `${attempt}/${path}`,
    attempt,
    name,
    path,
    type: isFolder ? "folder" : "file",
    sizeBytes: isFolder ? null : seen.size,
    changedAt: Math.round(seen.mtimeMs),
    ...stageOf(json === null ? null : await readStage(json)),
  };
}

function stageOf(stage: z.infer<typeof Stage> | null) {
  const { step, total_steps: total, step_name: stepName, resumable } = stage ?? {};
  const isKnown = typeof step === "number" && typeof total === "number" && total > 0;
  return {
    step: step ?? null,
    totalSteps: total ?? null,
    stepName: stepName ?? null,
    progress: isKnown ? Math.min(1, Math.max(0, step / total)) : null,
    resumable: resumable ?? true,
  };
}

async function readStage(file: string): Promise<z.infer<typeof Stage> | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    if (size > longestJson) return null;
    const parsed = Stage.safeParse(JSON.parse(await handle.readFile("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: a checkpoint all the same.
    return null;
  } finally {
    await handle.close();
  }
}
