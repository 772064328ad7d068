import { arch, cpus, hostname, release, totalmem, type } from "node:os";
import type { Reproduction } from "../../../contract/qc.js";
import { askProgram } from "./ask-program.js";

type Host = NonNullable<Reproduction["host"]>;

export const unknownHost: Omit<Host, "name"> = {
  kernel: null,
  arch: null,
  cpu: null,
  cpus: null,
  memoryBytes: null,
  gpus: [],
  driver: null,
};

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

/** GPUs and their driver; worth asking once, since neither changes while a lab runs. */
export async function gpuFacts(env: NodeJS.ProcessEnv): Promise<Pick<Host, "gpus" | "driver">> {
  const query = ["--query-gpu=name,driver_version", "--format=csv,noheader"];
  const said = (await askProgram("nvidia-smi", query, { env })) ?? "";
  const rows = said.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.split(",")]));
  return { gpus: rows.map(([name = ""]) => name.trim()), driver: rows[0]?.[1]?.trim() ?? null };
}
