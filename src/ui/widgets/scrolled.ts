/** Where a key of a list wants the first row; may be out of range. undefined: it does not scroll. */
export function scrolled(
  name: string,
  top: number,
  { page, last }: { page: number; last: number },
): number | undefined {
  switch (name) {
    case "up":
    case "k":
      return top - 1;
    case "down":
    case "j":
      return top + 1;
    case "pgup":
      return top - page;
    case "pgdn":
    case "space":
      return top + page;
    case "home":
    case "g":
      return 0;
    case "end":
    case "G":
      return last;
    default:
      return undefined;
  }
}

/** What the last row says of the position; empty when everything is in sight. */
export function belowWords(top: number, last: number): string {
  if (last === 0) return "";
  return top < last ? `${last - top} more lines below` : `end, ${last} lines above`;
}
