/** Source of a regular expression for a printed number: decimal, exponent (also Fortran's D), nan and inf. */
export const numberSource = String.raw`[+-]?(?:(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?|[nN]a[nN]|[iI]nf(?:inity)?)`;

/** A printed number as a number; NaN where it is none. Thousands separators and Fortran exponents are understood. */
export function toNumber(text: string | undefined): number {
  if (text === undefined) return Number.NaN;
  const plain = text.trim().toLowerCase().replaceAll(",", "").replace("d", "e");
  const infinite = /^([+-]?)inf(?:inity)?$/.exec(plain);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return plain === "" ? Number.NaN : Number(plain);
}

/** `80, 86, 86` as numbers; `np.float64(0.3)`, as newer NumPy prints it, is understood. Empty for a missing list. */
export function toNumbers(list: string | undefined): readonly number[] {
  if (list === undefined || list.trim() === "") return [];
  return list.split(",").map((item) => toNumber(/\(([^)]*)\)/.exec(item)?.[1] ?? item));
}
