import { InvalidArgumentError } from "commander";

/** An option's value as a whole number above 0. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError("must be a whole number above 0");
  return value;
}
