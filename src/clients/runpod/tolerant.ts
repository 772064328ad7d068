import { z } from "zod";

// RunPod's schema moves and its answers do not always keep to it (runpod-api §4.3): a field that is missing, null or of another
// kind is unknown, never a reason to show nothing.

export const text = z.string().nullable().catch(null);
export const number = z.number().nullable().catch(null);
export const flag = z.boolean().nullable().catch(null);
/** A share in percent; what lies outside 0..100 is no measurement. */
export const percent = z.number().min(0).max(100).nullable().catch(null);
/** A count or a size. */
export const amount = z.number().nonnegative().nullable().catch(null);
/** RFC 3339 → ms. */
export const moment = z
  .unknown()
  .optional()
  .transform((value) => {
    const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? null : at;
  });

/** Every element that can be read; anything but a list is an empty one. */
export function list<T>(element: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .unknown()
    .optional()
    .transform((value) =>
      (Array.isArray(value) ? value : []).flatMap((one) => {
        const parsed = element.safeParse(one);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

export const texts = list(z.string());

/** The strings of an object; null where there is none. */
export const strings = z
  .unknown()
  .optional()
  .transform((value): Readonly<Record<string, string>> => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  });

/** An object of these fields, or null. */
export function maybe<T>(schema: z.ZodType<T>): z.ZodType<T | null> {
  return schema.nullable().catch(null);
}
