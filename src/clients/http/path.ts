/** path`/v1/runs/${id}` percent-encodes each value, so an id can never add a segment, a query or a fragment. */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.reduce((whole, part, index) => whole + encodeURIComponent(values[index - 1] ?? "") + part);
}
