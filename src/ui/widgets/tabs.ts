import type { Piece } from "../paint/columns.js";

/** The names of tabs with their keys, on one line; brackets, not colour alone, mark the one that is open. */
export function tabPieces<Tab extends string>(
  tabs: readonly Tab[],
  titles: Readonly<Record<Tab, string>>,
  open: Tab,
): readonly Piece[] {
  return tabs.flatMap((id, index): Piece[] => [
    [
      id === open ? "title.focus" : "title.idle",
      id === open ? `[${index + 1} ${titles[id]}]` : ` ${index + 1} ${titles[id]} `,
    ],
    ["text.primary", " "],
  ]);
}

/** Where a key takes the open tab; undefined for keys that do not. */
export function tabMoved<Tab extends string>(tabs: readonly Tab[], open: Tab, key: string): Tab | undefined {
  const step = key === "tab" ? 1 : key === "shift-tab" ? -1 : 0;
  if (step !== 0) return tabs[(tabs.indexOf(open) + step + tabs.length) % tabs.length];
  return /^[1-9]$/.test(key) ? tabs[Number(key) - 1] : undefined;
}
