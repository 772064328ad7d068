/** What stands for everything that nobody knows. */
export const unknown = "–";

type Maybe<T> = T | null | undefined;

/** A word or a number as it is. */
export const shown = (value: Maybe<string | number>) =>
  value === null || value === undefined || value === "" ? unknown : String(value);

/** `2026-11-22 04:30`, UTC. */
export const timeText = (atMs: Maybe<number>, otherwise: string = unknown) =>
  atMs === null || atMs === undefined ? otherwise : new Date(atMs).toISOString().slice(0, 16).replace("T", " ");

/** To the second, where what comes first matters. */
export const momentText = (atMs: number) => new Date(atMs).toISOString().slice(0, 19).replace("T", " ");

/** `1 line`, `2 lines`. */
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `12 %` of 0.12. */
export const shareText = (share: Maybe<number>) =>
  share === null || share === undefined ? unknown : `${Math.floor(100 * share)} %`;

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** `1.5 MiB`. */
export function bytesText(bytes: Maybe<number>): string {
  if (bytes === null || bytes === undefined) return unknown;
  const at = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** at).toPrecision(3))} ${units[at]}`;
}

/** Six digits tell two values of a chart apart. */
export const numberText = (value: Maybe<number>) =>
  value === null || value === undefined ? unknown : String(Number(value.toPrecision(6)));
