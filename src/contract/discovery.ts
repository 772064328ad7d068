import { z } from "zod";
import { failureKinds } from "../core/failure.js";

/** Raised when lab and room of different versions can no longer understand each other. */
export const labProtocol = 1;

/** The discovery file `lab.json` (mode 0600) in the run directory: where the lab of this data directory answers. */
export const Discovery = z.object({
  url: z.string(),
  pid: z.number().int(),
  dataDir: z.string(),
  tokenFile: z.string(),
  version: z.string(),
  protocol: z.number().int(),
  startedAt: z.number(),
});
export type Discovery = z.infer<typeof Discovery>;

/** GET /v1/health, the only route without a token. */
export const Health = z.object({
  status: z.literal("ok"),
  version: z.string(),
  protocol: z.number().int(),
  pid: z.number().int(),
  runningExperiments: z.number().int(),
});
export type Health = z.infer<typeof Health>;

/** What a lab that is being started tells whoever started it, over the channel between the two processes. */
export const StartNotice = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    discovery: Discovery,
    /** Where a corrupt database was moved to, with consent. */
    movedTo: z.string().nullable().optional(),
  }),
  z.object({
    type: z.literal("failed"),
    /** Another lab holds the data directory: attach to that one. */
    locked: z.boolean(),
    failure: z.object({ kind: z.enum(failureKinds), message: z.string(), hint: z.string().optional() }),
  }),
]);
export type StartNotice = z.infer<typeof StartNotice>;
