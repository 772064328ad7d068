import { z } from "zod";
import { Pod } from "../../contract/pod.js";

/** Fields of the contract's pod that the provider tells and that have no column of their own; `env` is masked. */
const fromProvider = Pod.pick({
  actions: true,
  region: true,
  cloud: true,
  image: true,
  diskGb: true,
  volumeGb: true,
  ssh: true,
  sshReason: true,
  ports: true,
  env: true,
  runningCostPerHourUsd: true,
});

/** JSON column `spec` of a pod: what the provider told besides, and what the lab keeps of its making. Unknown fields are dropped. */
export const PodSpec = z.object({
  ...fromProvider.shape,
  /** ms by the lab's clock: since when it has its status. */
  statusSince: z.number().nullable().default(null),
  /** From the draft: the clock begins to run when the pod does. */
  maxHours: z.number().nullable().default(null),
  /** Idempotency-Key of the request that made it. */
  requestKey: z.string().nullable().default(null),
  /** Key file to log in with; null: the user's own keys. */
  identityFile: z.string().nullable().default(null),
  /** Its provider's ids before it was moved: bills know it by them. */
  formerIds: z.array(z.string()).default([]),
  /** Why the lab itself brought it into its status: `stopped after 6 h without work`. */
  why: z.string().nullable().default(null),
});
export type PodSpec = z.infer<typeof PodSpec>;

/** By the column's text, which seldom changes: a fleet's columns are read many times a minute. */
const read = new Map<string, PodSpec>();
const mostRead = 2000;

/** A column that can't be read is an empty spec: the next look at the provider fills it again. */
export function readSpec(text: string): Readonly<PodSpec> {
  const known = read.get(text);
  if (known !== undefined) return known;
  const spec = parseSpec(text);
  if (read.size >= mostRead) read.clear();
  read.set(text, spec);
  return spec;
}

function parseSpec(text: string): PodSpec {
  try {
    return PodSpec.parse(JSON.parse(text));
  } catch {
    return PodSpec.parse({});
  }
}
