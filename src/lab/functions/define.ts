import { v } from "convex/values";
import type { Need } from "../../contract/access.js";
import { LabError } from "../lab-error.js";
import type { Services } from "../services/service.js";
import { functionsOf, type QueryContext } from "../sync/function-registry.js";

export const { defineQuery, defineMutation, defineAction } = functionsOf<Services, Need>();

export const logLevel = v.union(v.literal("debug"), v.literal("info"), v.literal("warn"), v.literal("error"));

/** A whole number from 1 to `most`, whatever a client sends. */
export function clampLimit(
  limit: number | undefined,
  { most, otherwise }: { most: number; otherwise: number },
): number {
  if (limit === undefined || !Number.isFinite(limit)) return otherwise;
  return Math.min(most, Math.max(1, Math.trunc(limit)));
}

/**
 * The document id behind either kind of id; the query is run again when `topicsOf(id)` change. While there is no such experiment, any
 * change of the list may bring it.
 */
export async function watchExperiment(
  { services, reads }: QueryContext<Services>,
  ref: string,
  topicsOf: (id: string) => readonly string[],
): Promise<string> {
  try {
    const { _id } = await services.experiments.get(ref);
    reads(...topicsOf(_id));
    return _id;
  } catch (error) {
    if (error instanceof LabError && error.code === "not_found") reads("experiments");
    throw error;
  }
}
