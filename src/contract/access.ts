import { z } from "zod";
import { plans } from "./vocabulary.js";

/** What a key may touch. `keys` are API keys and sessions; `labs` are labs, settings, costs, activity, webhooks and backups as well. */
export const nouns = ["labs", "experiments", "pods", "tasks", "agents", "papers", "knowledge", "keys"] as const;
export type Noun = (typeof nouns)[number];

/** `admin` implies `write`, which implies `read`. Of nouns with an admin part, only `lab:<slug>:admin` and `*` reach it. */
export const verbs = ["read", "write", "admin"] as const;
export type Verb = (typeof verbs)[number];

/** What a route or function asks of whoever calls it. `any`: a valid token, whatever it allows. */
export type Need = `${Noun}:${Verb}` | "any";

export const Plan = z.enum(plans);
export type Plan = z.infer<typeof Plan>;

/** Requests per minute and per day (API overview seed). */
export const planLimits: Readonly<Record<Plan, { readonly perMinute: number; readonly perDay: number }>> = {
  free: { perMinute: 60, perDay: 1_000 },
  pro: { perMinute: 300, perDay: 50_000 },
  team: { perMinute: 1_000, perDay: 500_000 },
};

/** `experiments:read`, `pods:*`, `*` (authentication page), or `lab:<slug>:r`, `lab:*:rw`, `lab:<slug>:admin` (files and sync pages). */
export const Scope = z
  .string()
  .regex(
    /^(\*|(labs|experiments|pods|tasks|agents|papers|knowledge|keys):(read|write|\*)|lab:(\*|[a-z0-9][a-z0-9-]*):(r|rw|admin))$/,
    `must be *, <noun>:read|write|* with a noun of ${nouns.join(", ")}, or lab:<slug>:r|rw|admin`,
  );
export type Scope = z.infer<typeof Scope>;
