import { arch, cpus, hostname, release, totalmem, type } from "node:os";
import type { Reproduction } from "../../../contract/qc.js";
import { askProgram } from "./ask-program.js";

type Host = NonNullable<Reproduction["host"]>;

/** What is known of this machine at once. */
export function hostFacts(): Host {
  const all = cpus();
  return {
    name: hostname(),
    kernel: `${type()} ${release()}`,
    arch: arch(),
    cpu: all[0]?.model.trim() ?? null,
    cpus: all.length,
    memoryBytes: totalmem(),
    gpus: [],
    driver: null,
  };
}

let gpus: Promise<Pick<Host, "gpus" | "driver">> | undefined;

/** GPUs and their driver, asked once: neither changes while a lab runs. */
export function gpuFacts(env: NodeJS.ProcessEnv): Promise<Pick<Host, "gpus" | "driver">> {
  gpus ??= askProgram("nvidia-smi", ["--query-gpu=name,driver_version", "--format=csv,noheader"], { env }).then(
    (said) => {
      const rows = (said ?? "").split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.split(",")]));
      return { gpus: rows.map(([name = ""]) => name.trim()), driver: rows[0]?.[1]?.trim() ?? null };
    },
  );
  return gpus;
}
