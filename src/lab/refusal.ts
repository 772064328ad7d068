import type { z } from "zod";
import { LabError } from "./lab-error.js";

/** What is wrong with a value, first field first: `priority: Invalid option: expected one of …`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
}

/** The value as the schema has it, or a `validation_error` that names the fields; `where` goes before them. */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown, where = ""): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new LabError("validation_error", `${where}${describeIssues(parsed.error)}`);
}
