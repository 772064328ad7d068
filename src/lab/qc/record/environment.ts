import { readdir, realpath } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { ExperimentConfig } from "../../../contract/experiment.js";
import type { Reproduction } from "../../../contract/qc.js";
import { askProgram } from "./ask-program.js";
import type { HashFile } from "./hash-file.js";

type Environment = NonNullable<Reproduction["environment"]>;

/** Names of variables that change what a run computes, and hold no secret. Nothing else is recorded. */
const recordedVariables = new Set(
  `CONDA_DEFAULT_ENV CONDA_PREFIX VIRTUAL_ENV PYTHONHASHSEED PYTHONPATH R_LIBS R_LIBS_USER JULIA_PROJECT JULIA_NUM_THREADS
   OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS NUMEXPR_NUM_THREADS VECLIB_MAXIMUM_THREADS NUMBA_NUM_THREADS
   CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER CUBLAS_WORKSPACE_CONFIG NVIDIA_TF32_OVERRIDE TF_DETERMINISTIC_OPS XLA_FLAGS
   JAX_ENABLE_X64 JAX_PLATFORMS LANG LC_ALL TZ`.split(/\s+/),
);

/** Files that pin what a run uses; looked for beside the script and where it works. */
const lockFiles = [
  "requirements.txt",
  "environment.yml",
  "uv.lock",
  "poetry.lock",
  "Pipfile.lock",
  "pixi.lock",
  "conda-lock.yml",
  "renv.lock",
  "Project.toml",
  "Manifest.toml",
  "package-lock.json",
];
const maxLockBytes = 16 * 1024 * 1024;
const mostPackages = 2000;
/** Installed packages are asked anew after this. */
const freshMs = 60_000;

const listPackages = `import sys
try:
    from importlib.metadata import distributions
    found = {(d.metadata["Name"] or "?") + "==" + (d.version or "?") for d in distributions()}
except Exception:
    found = set()
print(sys.executable)
print(sys.version.split()[0])
print("\\n".join(sorted(found, key=str.lower)))`;

const interpretersByExtension: Readonly<Record<string, string>> = {
  ".py": "python3",
  ".R": "Rscript",
  ".r": "Rscript",
  ".jl": "julia",
};

export interface EnvironmentSource {
  readonly config: ExperimentConfig;
  /** As the run has it. */
  readonly env: NodeJS.ProcessEnv;
  /** Of the script, and where it works. */
  readonly directories: readonly string[];
  readonly hash: HashFile;
  readonly interpreters: Interpreters;
}

/** Interpreter, installed packages, lock files and the variables that matter. */
export async function environmentFacts(source: EnvironmentSource): Promise<Environment> {
  const interpreter = interpreterOf(source.config);
  const [python, conda, locks] = await Promise.all([
    interpreter === null ? null : source.interpreters(interpreter, source.env),
    condaPackages(source.env["CONDA_PREFIX"]),
    lockFilesIn(source),
  ]);
  return {
    interpreter: python?.interpreter ?? null,
    packages: (python?.packages ?? conda)?.slice(0, mostPackages) ?? null,
    lockFiles: locks,
    variables: Object.fromEntries(
      Object.entries(source.env).flatMap(([name, value]) =>
        recordedVariables.has(name) && value !== undefined ? [[name, value]] : [],
      ),
    ),
  };
}

/** The program that reads the script, or that a command names among its words. */
export function interpreterOf({ script, command }: ExperimentConfig): string | null {
  if (script !== undefined) return interpretersByExtension[extname(script)] ?? null;
  const words = command?.split(/\s+/) ?? [];
  return words.find((word) => /^(python[\d.]*|Rscript|julia)$/.test(basename(word))) ?? null;
}

interface Asked {
  readonly interpreter: Environment["interpreter"];
  readonly packages: readonly string[] | null;
}

/** Asks an interpreter about itself, as the environment has it. */
export type Interpreters = (program: string, env: NodeJS.ProcessEnv) => Promise<Asked>;

const mostAsked = 50;

/** One answer for all runs of the same interpreter within a minute: a process for each of them would cost more than it tells. */
export function createInterpreters(nowMs: () => number): Interpreters {
  const asked = new Map<string, { readonly at: number; readonly answer: Promise<Asked> }>();
  return (program, env) => {
    const own = ["PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME"].map((name) => env[name] ?? "");
    const key = [program, ...own].join("\0");
    const before = asked.get(key);
    if (before !== undefined && nowMs() - before.at < freshMs) return before.answer;
    const answer = basename(program).startsWith("python") ? askPython(program, env) : askVersion(program, env);
    asked.delete(key);
    asked.set(key, { at: nowMs(), answer });
    const [oldest] = asked.keys();
    if (asked.size > mostAsked && oldest !== undefined) asked.delete(oldest);
    return answer;
  };
}

/** From a directory without files, so that nothing there is taken for a module. */
async function askPython(program: string, env: NodeJS.ProcessEnv): Promise<Asked> {
  const said = await askProgram(program, ["-c", listPackages], { env, cwd: "/" });
  if (said === null) return { interpreter: null, packages: null };
  const [executable = program, version = "", ...packages] = said.trimEnd().split("\n");
  return { interpreter: { program: executable, version }, packages: packages.filter((line) => line !== "") };
}

/** R and Julia pin their packages in lock files. */
async function askVersion(program: string, env: NodeJS.ProcessEnv): Promise<Asked> {
  const said = await askProgram(program, ["--version"], { env, cwd: "/" });
  const version = /\d+(\.\d+)+/.exec(said ?? "")?.[0];
  return { interpreter: version === undefined ? null : { program, version }, packages: null };
}

/** conda keeps a file for each package: `numpy-2.1.0-py313h….json`. */
async function condaPackages(prefix: string | undefined): Promise<string[] | null> {
  if (prefix === undefined) return null;
  const names = await readdir(join(prefix, "conda-meta")).catch(() => []);
  const found = names.flatMap((name) => {
    const [, packageName, version] = /^(.+)-([^-]+)-[^-]+\.json$/.exec(name) ?? [];
    return packageName === undefined || version === undefined ? [] : [`${packageName}==${version}`];
  });
  return found.length === 0 ? null : found.sort();
}

async function lockFilesIn({ directories, hash }: EnvironmentSource): Promise<Environment["lockFiles"]> {
  const real = await Promise.all(directories.map((dir) => realpath(dir).catch(() => dir)));
  const paths = [...new Set(real)].flatMap((dir) => lockFiles.map((name) => join(dir, name)));
  const hashed = await Promise.all(paths.map((path) => hash(path, maxLockBytes)));
  return hashed.filter(({ bytes }) => bytes !== null);
}
