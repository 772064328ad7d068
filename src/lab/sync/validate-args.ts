import { convexToJson, type GenericValidator, type Validator, type Value } from "convex/values";
import { CallError } from "./backend.js";

type AnyValidator = Validator<unknown, "required" | "optional", string>;

/** Longest value an error text repeats. */
const shownChars = 300;

/** Throws CallError, in Convex's words, when a call's arguments are not what the validator describes. */
export function validateArgs(validator: GenericValidator, args: unknown): void {
  const fault = findFault(validator as AnyValidator, args, "");
  if (fault !== null) throw new CallError(`ArgumentValidationError: ${fault}`);
}

/** Null when the value fits; else what is wrong, and where. */
function findFault(validator: AnyValidator, value: unknown, path: string): string | null {
  switch (validator.kind) {
    case "object":
      return isRecord(value) ? objectFault(validator.fields, value, path) : mismatch(validator, value, path);
    case "array":
      if (!Array.isArray(value)) return mismatch(validator, value, path);
      return firstFault(value.entries(), ([index, item]) => findFault(validator.element, item, `${path}[${index}]`));
    case "record":
      if (!isRecord(value)) return mismatch(validator, value, path);
      return firstFault(
        Object.entries(value),
        ([key, item]) => findFault(validator.key, key, path) ?? findFault(validator.value, item, `${path}.${key}`),
      );
    case "union":
      return validator.members.some((member) => findFault(member, value, path) === null)
        ? null
        : mismatch(validator, value, path);
    default:
      return fitsScalar(validator, value) ? null : mismatch(validator, value, path);
  }
}

type ScalarValidator = Exclude<AnyValidator, { kind: "object" | "array" | "record" | "union" }>;

function fitsScalar(validator: ScalarValidator, value: unknown): boolean {
  switch (validator.kind) {
    case "id":
    case "string":
      return typeof value === "string";
    case "float64":
      return typeof value === "number";
    case "int64":
      return typeof value === "bigint";
    case "boolean":
      return typeof value === "boolean";
    case "null":
      return value === null;
    case "bytes":
      return value instanceof ArrayBuffer;
    case "literal":
      return value === validator.value;
    case "any":
      return value !== undefined;
    case "commitTs":
      return false;
  }
}

function objectFault(
  fields: Record<string, AnyValidator>,
  value: Record<string, unknown>,
  path: string,
): string | null {
  const context = () => {
    const place = path === "" ? "" : `Path: ${path}\n`;
    const shape = Object.entries(fields).map(([name, field]) => `${name}: ${describe(field)}`);
    return `\n\n${place}Object: ${show(value)}\nValidator: v.object({${shape.join(", ")}})`;
  };
  for (const [name, field] of Object.entries(fields)) {
    const item = value[name];
    if (item === undefined) {
      if (field.isOptional === "optional") continue;
      const advice = "Consider wrapping the field validator in `v.optional(...)` if this is expected.";
      return `Object is missing the required field \`${name}\`. ${advice}${context()}`;
    }
    const fault = findFault(field, item, `${path}.${name}`);
    if (fault !== null) return fault;
  }
  const extra = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  return extra === undefined
    ? null
    : `Object contains extra field \`${extra}\` that is not in the validator.${context()}`;
}

function mismatch(validator: AnyValidator, value: unknown, path: string): string {
  const place = path === "" ? "" : `\nPath: ${path}`;
  return `Value does not match validator.${place}\nValue: ${show(value)}\nValidator: ${describe(validator)}`;
}

function firstFault<T>(items: Iterable<T>, fault: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = fault(item);
    if (found !== null) return found;
  }
  return null;
}

/** The validator as one would write it. */
function describe(validator: AnyValidator): string {
  const text = describeRequired(validator);
  return validator.isOptional === "optional" ? `v.optional(${text})` : text;
}

function describeRequired(validator: AnyValidator): string {
  switch (validator.kind) {
    case "object": {
      const fields = Object.entries(validator.fields) as [string, AnyValidator][];
      return `v.object({${fields.map(([name, field]) => `${name}: ${describe(field)}`).join(", ")}})`;
    }
    case "array":
      return `v.array(${describe(validator.element)})`;
    case "record":
      return `v.record(${describe(validator.key)}, ${describe(validator.value)})`;
    case "union":
      return `v.union(${validator.members.map((member) => describe(member)).join(", ")})`;
    case "literal":
      return `v.literal(${show(validator.value)})`;
    case "id":
      return `v.id(${JSON.stringify(validator.tableName)})`;
    default:
      return `v.${validator.kind}()`;
  }
}

/** The value as Convex JSON, cut where it grows long. */
function show(value: unknown): string {
  const text = JSON.stringify(convexToJson((value ?? null) as Value));
  return text.length <= shownChars ? text : `${text.slice(0, shownChars)}…`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ArrayBuffer);
