import fc from "fast-check";

/** What programs and people send by mistake or on purpose, one of it in the place of a good value. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    -1e308,
    2 ** 53,
    "",
    " ",
    "NaN",
    "Infinity",
    "-0",
    "1e999",
  ),
  fc.constantFrom<unknown>([], {}, [[]], [null], [{}], { a: 1 }, { length: 3 }, { constructor: 1, toString: 2 }),
  fc.constantFrom("../../etc/passwd", "/", "\\", "%00", "%2e%2e", "'; drop table labs; --", "\u202e", "\ud800", "😀"),
  fc.constantFrom("x".repeat(300), "x".repeat(200_000), "\n", "a\u0000b"),
  fc.constantFrom(nested(30), nested(100)),
  fc.string(),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Lists in lists. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** Field names that objects of JavaScript have without anybody's doing, and one that nobody has. */
export const hostileName = fc.constantFrom("nobodyKnowsThis", "__proto__", "constructor", "toString", "hasOwnProperty");

export type Path = readonly (string | number)[];

/** Every place in a value, itself not: `["config"]`, `["config", "command"]`. */
export function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return path.length === 0 ? [] : [path];
  const inside = Object.entries(value).flatMap(([name, part]) => placesOf(part, [...path, keyOf(value, name)]));
  return path.length === 0 ? inside : [path, ...inside];
}

const keyOf = (value: object, name: string) => (Array.isArray(value) ? Number(name) : name);

/** A copy with something else in one place; `undefined` leaves it out. */
export function withChange(value: unknown, [first, ...rest]: Path, change: unknown): unknown {
  if (first === undefined) return change;
  if (Array.isArray(value))
    return value.map((part: unknown, index) => (index === first ? withChange(part, rest, change) : part));
  const entries: [string, unknown][] = Object.entries(value ?? {});
  const old = entries.find(([name]) => name === first)?.[1];
  const others = entries.filter(([name]) => name !== first);
  const changed = withChange(old, rest, change);
  // Not by assignment, which would take `__proto__` for the prototype.
  return Object.fromEntries(changed === undefined ? others : [...others, [String(first), changed]]);
}
