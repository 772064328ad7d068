/** Turns a forgotten union member into a compile error, and a runtime one if types lied. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
