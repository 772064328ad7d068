import type { ExperimentConfig } from "../../../contract/experiment.js";
import type { Hashed } from "../../../contract/qc.js";
import { agentRequests } from "../../hosts/agent.js";
import { type SshSession, whileReachable } from "../../hosts/ssh-session.js";
import { scriptPlaces } from "../../runs/command.js";
import { shortBytes } from "../../runs/disk-reason.js";
import { type Inputs, isPattern, mostInputs } from "./inputs.js";

/** Requests of a session wait for each other, and the run's output is behind these. */
const maxSumBytes = 256 * 1024 * 1024;
const sumMs = 30_000;
const patienceMs = 20_000;

export interface RemoteFacts extends Inputs {
  /** null: it was sent from here, or there is none. */
  readonly script: Hashed | null;
  readonly memoryBytes: number | null;
  readonly gpus: string[];
}

/** What the machine of a remote run tells cheaply. Rejects when it can't be reached. */
export async function remoteFacts(
  session: SshSession,
  { config, remoteDir, isScriptHere }: { config: ExperimentConfig; remoteDir: string; isScriptHere: boolean },
): Promise<RemoteFacts> {
  const patience = whileReachable(session, patienceMs);
  const home = session.link().hello?.userHome ?? "~";
  const { script, inputs: wanted = [], cwd } = config;
  const work = `${remoteDir}/work`;
  const placesOf = (path: string) => scriptPlaces(path, { cwd: cwd ?? work, scriptsDir: work, home });
  const host: Host = { session, signal: patience.signal };
  try {
    const machine = machineOf(await session.insist(() => agentRequests.stat(), patience.signal));
    const inputs: Hashed[] = [];
    for (const path of wanted.slice(0, mostInputs)) inputs.push(await sumOf(host, path, placesOf(path)));
    return {
      ...machine,
      script: script === undefined || isScriptHere ? null : await sumOf(host, script, placesOf(script)),
      inputs,
      inputsLeft: Math.max(0, wanted.length - mostInputs),
    };
  } finally {
    patience.end();
  }
}

interface Host {
  readonly session: SshSession;
  readonly signal: AbortSignal;
}

/** The first of these places that has a file. */
async function sumOf({ session, signal }: Host, name: string, places: readonly string[]): Promise<Hashed> {
  const unknown = { path: name, bytes: null, modifiedAt: null, sha256: null };
  if (isPattern(name)) return { ...unknown, reason: "patterns are not read on other machines" };
  for (const path of places) {
    const entries = await session.insist(() => agentRequests.list(path), signal);
    const file = entries.find((entry) => entry.name === "");
    if (file === undefined) continue;
    const about = { path, bytes: file.size, modifiedAt: file.changedAt };
    if (file.size > maxSumBytes)
      return { ...about, sha256: null, reason: `larger than ${shortBytes(maxSumBytes)} on a pod` };
    const sha256 = await session.insist(() => agentRequests.sum(path, sumMs), signal);
    return { ...about, sha256, reason: sha256 === null ? "the pod has no sha256sum" : null };
  }
  return { ...unknown, reason: "missing" };
}

/** `MemTotal: 64 kB`, `gpu 0, GPU-…, NVIDIA H100, …` of the agent's `stat`. */
function machineOf(lines: readonly string[]): Pick<RemoteFacts, "memoryBytes" | "gpus"> {
  const memory = lines.map((line) => /^MemTotal:\s+(\d+) kB/.exec(line)?.[1]).find((kib) => kib !== undefined);
  return {
    memoryBytes: memory === undefined ? null : Number(memory) * 1024,
    gpus: lines.flatMap((line) => (line.startsWith("gpu ") ? [line.split(",")[2]?.trim() ?? ""] : [])),
  };
}
