import { z } from "zod";
import { PodPort, SshAccess } from "../../contract/pod.js";

/** JSON column `spec` of a pod: what the provider told besides, and what the lab keeps of its making. Unknown fields are dropped. */
export const PodSpec = z.object({
  actions: z.array(z.string()).default([]),
  region: z.string().nullable().default(null),
  cloud: z.string().nullable().default(null),
  image: z.string().nullable().default(null),
  diskGb: z.number().nullable().default(null),
  volumeGb: z.number().nullable().default(null),
  ssh: SshAccess.nullable().default(null),
  sshReason: z.string().nullable().default(null),
  ports: z.array(PodPort).default([]),
  /** Masked. */
  env: z.record(z.string(), z.string()).default({}),
  /** ms by the lab's clock: since when it has its status. */
  statusSince: z.number().nullable().default(null),
  /** From the draft: the clock begins to run when the pod does. */
  maxHours: z.number().nullable().default(null),
  /** Idempotency-Key of the request that made it. */
  requestKey: z.string().nullable().default(null),
  /** Key file to log in with; null: the user's own keys. */
  identityFile: z.string().nullable().default(null),
  /** What it last cost an hour while it ran. */
  runningCostPerHourUsd: z.number().nullable().default(null),
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
