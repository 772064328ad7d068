/** How one field of a filter (`status:running`, `idle:>15`) reads a row. */
export type FilterField<Row> = WordField<Row> | NumberField<Row>;

interface WordField<Row> {
  readonly read: (row: Row) => string | null;
  /** `words` finds the value anywhere in the text, `start` at its beginning, `exact` takes it whole. */
  readonly match: "words" | "start" | "exact";
  /** What it can be, where that is known: another value is a problem and not an empty list. */
  readonly values?: readonly string[];
}

/** Compared by `>`, `<`, `>=`, `<=`; a bare number is at least that. What is unknown is never in. */
interface NumberField<Row> {
  readonly match: "number";
  readonly read: (row: Row) => number | null;
}

export interface FilterFields<Row> {
  readonly fields: Readonly<Record<string, FilterField<Row>>>;
  /** What a bare word is looked for in. */
  readonly text: (row: Row) => string;
  /** Words that say more than their letters: `trouble` finds also what is in trouble. */
  readonly marks?: Readonly<Record<string, (row: Row) => boolean>>;
}

export interface Filter<Row> {
  readonly matches: (row: Row) => boolean;
  /** What could not be understood, in words; those terms are left out. */
  readonly problems: readonly string[];
  readonly isEmpty: boolean;
}

/** A leading `-` negates; quotes keep blanks together; values after a colon may be several, separated by commas. */
const term = /(-)?(?:([A-Za-z][\w-]*):)?("([^"]*)"?|\S+)/g;

/**
 * Filter grammar of every list: `status:running,queued gpu:h200 -title:test some words`. All terms must hold; case does not
 * matter. A word that only looks like a field (`12:30`) is text.
 */
export function compileFilter<Row>(filter: string, { fields, text, marks = {} }: FilterFields<Row>): Filter<Row> {
  const problems: string[] = [];
  const tests: ((row: Row) => boolean)[] = [];
  for (const [whole, minus, name, bare = "", quoted] of filter.matchAll(term)) {
    if (whole.endsWith(":") && quoted === undefined) {
      if (fieldNamed(fields, whole.replace(/^-/, "").slice(0, -1)) === undefined) problems.push(`no field ${whole}`);
      continue;
    }
    const value = (quoted ?? bare).toLowerCase();
    if (value === "" || value === "-") continue;
    const test = name === undefined ? wordTest(text, value, marks) : fieldTest(fields, name, value);
    if (typeof test === "string") problems.push(test);
    else tests.push(signed(test, minus !== undefined));
  }
  return {
    matches: (row) => tests.every((test) => test(row)),
    problems,
    isEmpty: tests.length === 0,
  };
}

function wordTest<Row>(
  text: (row: Row) => string,
  word: string,
  marks: NonNullable<FilterFields<Row>["marks"]>,
): (row: Row) => boolean {
  const mark = Object.hasOwn(marks, word) ? marks[word] : undefined;
  return (row) => mark?.(row) === true || text(row).toLowerCase().includes(word);
}

function fieldTest<Row>(fields: FilterFields<Row>["fields"], name: string, value: string) {
  const field = fieldNamed(fields, name);
  if (field === undefined) return `no field ${name}: (there are ${Object.keys(fields).join(", ")})`;
  if (field.match === "number") return numberTest(field, name, value);
  const wanted = value.split(",").filter((one) => one !== "");
  const { match, read, values } = field;
  const unknown =
    values === undefined ? undefined : wanted.find((one) => !values.some((known) => hits(match, known, one)));
  if (unknown !== undefined) return `${name}: can't be ${unknown} (${values?.join(", ") ?? ""})`;
  return (row: Row) => {
    const text = read(row);
    return text !== null && wanted.some((one) => hits(match, text, one));
  };
}

const comparison = /^(>=|<=|>|<|=)?\$?(-?\d+(?:\.\d+)?)%?$/;

function numberTest<Row>({ read }: NumberField<Row>, name: string, value: string) {
  const [, sign = ">=", digits = ""] = comparison.exec(value) ?? [];
  if (digits === "") return `${name}: takes a number, as in ${name}:>15`;
  const limit = Number(digits);
  return (row: Row) => {
    const known = read(row);
    return known !== null && isSo(known, sign, limit);
  };
}

function isSo(value: number, sign: string, limit: number): boolean {
  switch (sign) {
    case ">":
      return value > limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case "=":
      return value === limit;
    default:
      return value >= limit;
  }
}

const signed = <Row>(test: (row: Row) => boolean, negated: boolean) => (negated ? (row: Row) => !test(row) : test);

/** A field by its name or the only beginning of one: `pri` is `priority`. */
function fieldNamed<Row>(fields: FilterFields<Row>["fields"], name: string): FilterField<Row> | undefined {
  const wanted = name.toLowerCase();
  if (Object.hasOwn(fields, wanted)) return fields[wanted];
  const candidates = Object.keys(fields).filter((known) => known.startsWith(wanted));
  return candidates.length === 1 ? fields[candidates[0] ?? ""] : undefined;
}

function hits(match: WordField<unknown>["match"], text: string, value: string): boolean {
  const small = text.toLowerCase();
  if (match === "exact") return small === value;
  return match === "start" ? small.startsWith(value) : small.includes(value);
}
