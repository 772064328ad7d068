/** Lower-case words joined by single dashes, as they stand in addresses. */
export const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const maxLength = 60;

/** `Dark energy, DR2` as `dark-energy-dr2`; empty when nothing of it can stand in a slug. Accents are dropped. */
export function slugOf(words: string): string {
  return words
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, maxLength)
    .replaceAll(/^-+|-+$/g, "");
}
