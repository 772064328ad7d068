import { z } from "zod";

/** Success envelope of the API overview seed: `{data, meta}`. */
export const Meta = z.looseObject({
  request_id: z.string().optional(),
  timestamp: z.string().optional(),
  next_cursor: z.string().nullable().optional(),
  has_more: z.boolean().optional(),
});

/** Error codes and statuses of the API overview seed; `conflict`, `precondition_failed`, `payload_too_large` and `unsupported_media_type` are ours. */
export const errorStatuses = {
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_error: 422,
  rate_limited: 429,
  server_error: 500,
} as const;
export type ErrorCode = keyof typeof errorStatuses;

export const ErrorBody = z.object({
  error: z.looseObject({ code: z.string(), message: z.string(), status: z.number().optional() }),
});
