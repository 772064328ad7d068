import { type JSONValue, jsonToConvex } from "convex/values";
import { nestsDeeperThan } from "../../core/json-depth.js";
import { CallError } from "./backend.js";

/** `module:export` in the one way functions are named: no `.js`, and `module` alone is its default export. */
export function canonicalPath(path: string): string {
  const [module = "", name = "default"] = path.split(":");
  return `${module.endsWith(".js") ? module.slice(0, -3) : module}:${name}`;
}

/** Deepest values, as Convex has it. */
const maxArgsDepth = 64;

/** The arguments object of a call, decoded. Throws CallError when it is none, too large, or nested too deep. */
export function decodeArgs(args: unknown, maxBytes: number): Record<string, unknown> {
  const first = Array.isArray(args) ? ((args[0] ?? {}) as unknown) : args;
  if (Array.isArray(args) && args.length > 1) throw new CallError("A function takes one object of arguments.");
  if (typeof first !== "object" || first === null || Array.isArray(first)) {
    throw new CallError("Arguments for a Convex function must be an object.");
  }
  const text = JSON.stringify(first);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > maxBytes) {
    throw new CallError(`Arguments are too large (actual: ${sizeBytes} bytes, limit: ${maxBytes} bytes)`);
  }
  if (nestsDeeperThan(text, maxArgsDepth)) {
    throw new CallError(`Arguments are nested too deep (maximum: ${maxArgsDepth} levels)`);
  }
  try {
    return jsonToConvex(first as JSONValue) as Record<string, unknown>;
  } catch (error) {
    throw new CallError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Components of a Convex backend are not offered: a call into one finds no function. */
export function refuseComponent(path: string, componentPath: string | undefined): void {
  if (componentPath !== undefined && componentPath !== "") throw notFound(`${componentPath}/${path}`);
}

export function notFound(path: string): CallError {
  return new CallError(`Could not find public function for '${path}'. Did you forget to run \`npx convex dev\`?`);
}
