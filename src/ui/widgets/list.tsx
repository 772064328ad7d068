import { Box } from "ink";
import type { ReactNode } from "react";

interface ListProps<T> {
  readonly items: readonly T[];
  /** Index of the item that must be seen; -1 for none. */
  readonly selected: number;
  readonly height: number;
  readonly children: (item: T, index: number) => ReactNode;
}

/** The window of a list around its selected item, exactly `height` rows. Each item is one row and carries its key. */
export function List<T>({ items, selected, height, children }: ListProps<T>) {
  const first = firstVisible(items.length, selected, height);
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {items.slice(first, first + height).map((item, offset) => children(item, first + offset))}
    </Box>
  );
}

/** Keeps the selected item in the middle third, so that the next ones are seen on both sides. */
export function firstVisible(count: number, selected: number, height: number): number {
  const wanted = Math.max(0, selected) - Math.floor(height / 2);
  return Math.max(0, Math.min(wanted, count - height));
}

/** Where a key takes the selection; undefined for keys that do not move it. */
export function movedSelection(
  name: string,
  selected: number,
  list: { count: number; height: number },
): number | undefined {
  const last = list.count - 1;
  const page = Math.max(1, list.height - 1);
  const target = targets(selected, page, last)[name];
  return target === undefined ? undefined : Math.max(0, Math.min(target, last));
}

const targets = (selected: number, page: number, last: number): Readonly<Record<string, number>> => ({
  up: selected - 1,
  "ctrl-p": selected - 1,
  down: selected + 1,
  "ctrl-n": selected + 1,
  pgup: selected - page,
  pgdn: selected + page,
  "ctrl-home": 0,
  "ctrl-end": last,
});
