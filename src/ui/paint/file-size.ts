const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `812 B`, `1.4 MiB`; unknown is `–`. */
export function fileSize(bytes: number | null): string {
  if (bytes === null) return "–";
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
