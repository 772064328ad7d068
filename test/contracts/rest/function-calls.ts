import { ConvexError } from "convex/values";
import { functions } from "../../../src/lab/functions/index.js";
import { routes } from "../../../src/lab/routes/index.js";
import { CallError } from "../../../src/lab/sync/backend.js";
import { ownExamples } from "./own-functions.js";

export interface FunctionCase {
  readonly path: string;
  readonly kind: string;
  readonly needs: string | null;
  /** With the ids of the examples. */
  readonly args: Readonly<Record<string, unknown>>;
}

const ofRoutes = new Map(
  routes.flatMap(({ call, example: { params, query, body } }) =>
    call === null ? [] : [[call.path as string, { ...params, ...query, ...body }] as const],
  ),
);

/** Every Convex function with arguments it takes. One that has none here is an error that names it. */
export const functionCases: readonly FunctionCase[] = Object.entries(functions).map(([path, { kind, needs }]) => {
  const args = ofRoutes.get(path) ?? ownExamples[path];
  if (args === undefined) throw new Error(`${path} has no example: add one to own-functions.ts`);
  return { path, kind, needs, args };
});

/** What a call was refused with; anything else than a documented refusal is thrown again. */
export function refusalOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof CallError) return { code: "argument_error", message: error.message };
  if (error instanceof ConvexError) return error.data as { code: string; message: string };
  throw error;
}
