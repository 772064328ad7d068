import { figuresAmong, figureTitle, type OutputFile } from "../../contract/output.js";
import { filesOf, sourcesOf } from "../services/outputs.js";
import { diskReason } from "./disk-reason.js";
import type { LiveRun } from "./live-run.js";
import { findOutput } from "./output-tree.js";
import type { RunParts } from "./parts.js";

/** Files that are looked at for figures. */
const maxFiles = 100_000;

/**
 * Hands the pictures that a run left to the lab's figures, before its end is written: a lab that is killed in between does it again,
 * and the same picture of the same attempt is one figure. What is no picture after all is passed over.
 */
export async function registerFigures({ figures, log }: RunParts, run: LiveRun): Promise<void> {
  if (figures === undefined) return;
  const { experiment, config, handle } = run;
  const sources = sourcesOf({ dir: handle.dir, isRemote: handle.remote !== undefined, config });
  try {
    const files: OutputFile[] = [];
    for await (const file of filesOf(sources, null)) {
      files.push(file);
      if (files.length >= maxFiles) break;
    }
    for (const { path, name } of figuresAmong(files)) {
      const file = await findOutput(sources, path);
      if (file === null) continue;
      const { labId, _id: experimentId, attempt } = experiment;
      const found = { labId, experimentId, attempt, path, file, fileName: name, title: figureTitle(path) };
      await figures.register({ ...found, source: "run" }).catch((error: unknown) => {
        log(`${experiment.experimentId}: ${path} is not kept as a figure: ${diskReason(error)}`);
      });
    }
  } catch (error) {
    log(`${experiment.experimentId}: its figures were not looked for: ${diskReason(error)}`);
  }
}
