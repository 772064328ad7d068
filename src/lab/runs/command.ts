import { extname, isAbsolute, join } from "node:path";
import type { ExperimentConfig } from "../../contract/experiment.js";

/** Interpreter by extension of `config.script`. `node` is the lab's own Node, the others are looked up on PATH. */
const interpreters: Readonly<Record<string, string>> = {
  ".py": "python3",
  ".sh": "sh",
  ".js": "node",
  ".mjs": "node",
  ".R": "Rscript",
  ".r": "Rscript",
  ".jl": "julia",
};

/** Unbuffered output, so that a log is live; config.env may say otherwise. */
const defaultEnv = { PYTHONUNBUFFERED: "1" };

export interface CommandSource {
  /** `EXP-054`. */
  readonly displayId: string;
  readonly template: string | null;
  readonly config: ExperimentConfig;
  /** On the machine that runs it. */
  readonly runDir: string;
  /** Value of $HUBIFY_RUN: how processes that left the run's group are found again. */
  readonly marker: string;
  /** What the lab decides beside: CUDA_VISIBLE_DEVICES. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What it goes on from: HUBIFY_RESUME_FROM and the like; nothing overrules them. */
  readonly goingOn?: Readonly<Record<string, string>> | undefined;
}

/** What the machine that runs it offers. What is asked may have to be looked up, or brought there first. */
export interface CommandHost {
  /** For `~/`. */
  readonly home: string;
  /** Niceness of runs, 0..19. */
  readonly nice: number;
  readonly templates: readonly string[];
  /** Runs scripts in JavaScript; null: there is none. */
  node(): Promise<string | null>;
  /** Bundle entry that runs a template by name. */
  templatesEntry(): Promise<string>;
  /** A script's path there, or the places where it was looked for. */
  findScript(script: string, cwd: string | undefined): Promise<string | readonly string[]>;
  isDirectory(path: string): Promise<boolean>;
  /** Is a program of this name on this PATH (default: the machine's own)? */
  hasProgram(name: string, path: string | undefined): Promise<boolean>;
}

/** `work` is the directory it runs in; a failure says what is missing and where it was looked for. */
export type RunCommand =
  | { readonly ok: true; readonly text: string; readonly work: string }
  | { readonly ok: false; readonly reason: string };

class Refusal extends Error {}

/**
 * The script `cmd` of a run: environment, directory, niceness, then the experiment's program in place of the shell.
 *
 * What runs: `config.script`, else the template, else `config.command`. A script's path is absolute, starts with `~/`, or
 * is looked for in `config.cwd` and then in `<data>/scripts`. The working directory is `config.cwd`, else `work/` in the
 * run's directory, which $HUBIFY_RUN_DIR names in both cases.
 */
export async function commandOf(source: CommandSource, host: CommandHost): Promise<RunCommand> {
  try {
    const own = join(source.runDir, "work");
    const work = source.config.cwd === undefined ? own : expandHome(source.config.cwd, host.home);
    if (work !== own && !isAbsolute(work)) throw new Refusal(`config.cwd must be an absolute path, not ${work}`);
    if (work !== own && !(await host.isDirectory(work))) throw new Refusal(`working directory missing: ${work}`);
    const env = environment(source, own);
    const program = (await programOf(source, host)).map(quote).join(" ");
    const lines = [
      `# ${source.displayId}, ${source.marker}: written by hubify-tui lab, run by hubify-run.sh`,
      ...Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`),
      ...(source.config.checkpoint === undefined ? [] : [`mkdir -p "$HUBIFY_CHECKPOINT_DIR"`]),
      `cd ${quote(work)} || exit 96`,
      `exec ${host.nice > 0 ? `nice -n ${host.nice} ` : ""}${program}`,
    ];
    return { ok: true, text: `${lines.join("\n")}\n`, work };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

function environment(source: CommandSource, work: string): Record<string, string> {
  const { config, displayId, runDir, marker, env, goingOn } = source;
  for (const name of Object.keys(config.env ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Refusal(`config.env: "${name}" can't be a variable's name`);
  }
  return {
    ...defaultEnv,
    ...env,
    ...config.env,
    HUBIFY_RUN: marker,
    HUBIFY_EXPERIMENT_ID: displayId,
    HUBIFY_RUN_DIR: work,
    HUBIFY_CONFIG: join(runDir, "config.json"),
    ...goingOn,
  };
}

async function programOf(source: CommandSource, host: CommandHost): Promise<readonly string[]> {
  const { config, template } = source;
  if (config.script !== undefined) return await scriptProgram(config.script, source, host);
  if (template !== null) {
    if (!host.templates.includes(template)) {
      throw new Refusal(`unknown template "${template}": this lab has ${host.templates.join(", ")}`);
    }
    return [await nodeOf(host), await host.templatesEntry(), template, ...(config.args ?? [])];
  }
  if (config.command !== undefined) return ["sh", "-c", config.command];
  throw new Refusal("nothing to run: name a template, config.script or config.command");
}

async function nodeOf(host: CommandHost): Promise<string> {
  const node = await host.node();
  if (node === null) throw new Refusal("node not found on PATH: templates and scripts in JavaScript need it");
  return node;
}

async function scriptProgram(script: string, { config }: CommandSource, host: CommandHost): Promise<readonly string[]> {
  const found = await host.findScript(script, config.cwd);
  if (typeof found !== "string") throw new Refusal(`script missing: ${script}; looked for ${found.join(" and ")}`);
  const interpreter = interpreters[extname(found)];
  const args = config.args ?? [];
  if (interpreter === undefined) {
    const known = Object.keys(interpreters).join(" ");
    throw new Refusal(`no interpreter for ${script}: known are ${known}; use config.command for anything else`);
  }
  if (interpreter === "node") return [await nodeOf(host), found, ...args];
  if (!(await host.hasProgram(interpreter, config.env?.["PATH"]))) {
    throw new Refusal(`${interpreter} not found on PATH`);
  }
  return [interpreter, found, ...args];
}

/** Where a script may be, in the order of looking: an absolute path, else in `config.cwd`, else in `<data>/scripts`. */
export function scriptPlaces(
  script: string,
  { cwd, scriptsDir, home }: { cwd: string | undefined; scriptsDir: string; home: string },
): readonly string[] {
  const wanted = expandHome(script, home);
  if (isAbsolute(wanted)) return [wanted];
  return [...(cwd === undefined ? [] : [expandHome(cwd, home)]), scriptsDir].map((place) => join(place, wanted));
}

export const expandHome = (path: string, home: string) =>
  path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;

/** One word for sh, whatever it holds. */
function quote(word: string): string {
  if (word.includes("\0")) throw new Refusal("config holds a NUL character, which no command line can carry");
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
