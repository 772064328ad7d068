import type { Value } from "convex/values";

/**
 * A Convex value as the clean JSON that `format: "json"` asks for: int64 as text, bytes as base64, and text for the numbers that JSON has
 * no word for.
 */
export function plainJson(value: Value): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plainJson(field as Value)]));
  }
  return value;
}
