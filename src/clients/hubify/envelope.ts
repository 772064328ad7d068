import { z } from "zod";
import { Meta } from "../../contract/envelope.js";

/** `{data: T, meta}` → T. */
export function dataOf<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.object({ data: schema }).transform((body) => body.data);
}

/** Which part of a list. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly rows: readonly T[];
  readonly nextCursor: string | null;
  readonly more: boolean;
}

/** `{data: T[], meta:{next_cursor, has_more}}` → rows and what is needed for the next page. */
export function pageOf<T>(schema: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.object({ data: z.array(schema), meta: Meta.optional() }).transform((body) => ({
    rows: body.data,
    nextCursor: body.meta?.next_cursor ?? null,
    more: body.meta?.has_more ?? false,
  }));
}
