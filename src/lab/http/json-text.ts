/** Text of objects that can't change any more. */
const texts = new WeakMap<object, string>();

/** A value as JSON. Of frozen objects, and of lists of them, the text is made once: services hand out the same one until it changes. */
export function jsonText(value: unknown): string {
  if (Array.isArray(value) && Object.isFrozen(value[0])) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "object" || value === null || !Object.isFrozen(value)) return JSON.stringify(value ?? null);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
}
