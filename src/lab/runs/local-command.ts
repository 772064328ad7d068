import { realpathSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from "node:path";
import type { ExperimentConfig } from "../../contract/experiment.js";
import { type CommandHost, expandHome, scriptPlaces } from "./command.js";
import type { RunParts } from "./parts.js";
import { hasProgram, isDirectory, isFile } from "./run-directory.js";

/** This machine, as the command of a run needs it. */
export function localCommandHost({ dataDir, nice, nodePath, templates, templatesEntry }: RunParts): CommandHost {
  const home = homedir();
  const scriptsDir = join(dataDir, "scripts");
  return {
    home,
    nice,
    templates: templates.map(({ name }) => name),
    node: () => Promise.resolve(nodePath),
    templatesEntry: () => Promise.resolve(templatesEntry),
    findScript(script, cwd) {
      const places = scriptPlaces(script, { cwd, scriptsDir, home });
      return Promise.resolve(places.find(isFile) ?? places);
    },
    isDirectory: (path) => Promise.resolve(isDirectory(path)),
    hasProgram: (name, path) => Promise.resolve(hasProgram(name, path)),
  };
}

/** A file that goes into a run's directory. */
export interface SentFile {
  /** Here. */
  readonly file: string;
  /** Its name in the run's directory: relative, and never out of it. */
  readonly name: string;
}

/**
 * `config.files`, found here; a string says what is missing, or not to be had: the lab's own files (its tokens, other labs' runs) go
 * into no run, and so onto no pod.
 */
export function filesToSend({ files = [] }: ExperimentConfig, scriptsDir: string): readonly SentFile[] | string {
  const home = homedir();
  const found: SentFile[] = [];
  for (const wanted of files) {
    const [file = ""] = scriptPlaces(wanted, { cwd: undefined, scriptsDir, home });
    if (!isFile(file)) return `file missing: ${wanted}; looked for ${file}`;
    if (isLabsOwn(file, scriptsDir))
      return `${wanted} is the lab's own; of its data directory a run gets ${scriptsDir} only`;
    const name = normalize(wanted);
    const isInside = !isAbsolute(expandHome(wanted, home)) && !name.startsWith("..");
    found.push({ file, name: isInside ? name : basename(file) });
  }
  return found;
}

/** In the data directory, which holds the scripts, but not among them; where a link leads counts. */
function isLabsOwn(file: string, scriptsDir: string): boolean {
  const dataDir = realpathSync(dirname(scriptsDir));
  const [folder, ...names] = relative(dataDir, realpathSync(file)).split(sep);
  return folder !== ".." && folder !== "" && !(folder === basename(scriptsDir) && names.length > 0);
}

/** For runs on this machine: a copy, so that what the run does to it stays its own. */
export async function copyFiles(files: readonly SentFile[], work: string): Promise<void> {
  for (const { file, name } of files) {
    await mkdir(dirname(join(work, name)), { recursive: true });
    await copyFile(file, join(work, name));
  }
}
