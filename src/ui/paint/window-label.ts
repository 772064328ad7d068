/** `15 min`, `6 h`. */
export function windowLabel(windowMs: number): string {
  const minutes = windowMs / 60_000;
  return minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
}
