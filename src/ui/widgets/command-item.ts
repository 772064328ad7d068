import { type Command, reasonAgainst } from "../../app/command.js";
import { keyLabel } from "../../app/key-name.js";
import type { Keymap } from "../../app/keymap.js";
import type { AppState } from "../../app/store.js";
import { fit, type Piece } from "../paint/columns.js";
import type { Look } from "../panes/pane.js";
import type { FinderItem } from "./finder.js";
import { marked } from "./search.js";

export interface CommandItemContext {
  readonly keymap: Keymap;
  readonly state: AppState;
  readonly look: Look;
  readonly query: string;
}

export interface CommandItem extends FinderItem {
  readonly command: Command;
}

const keyColumns = 12;
const titleColumns = 26;

/** A command as a row: its keys, its name, and why it can't run now or what it does. */
export function commandItem(command: Command, { keymap, state, look, query }: CommandItemContext): CommandItem {
  const refusal = reasonAgainst(command, state);
  const keys = keymap
    .keysOf(command)
    .map((key) => keyLabel(key, look.unicode))
    .join(" ");
  return {
    id: command.id,
    command,
    refusal,
    about: command.about,
    pieces(width) {
      const room = width - keyColumns - titleColumns;
      const title = Math.min(titleColumns, width - keyColumns);
      const end: Piece = refusal === null ? ["text.muted", command.about] : ["stale", `not now: ${refusal}`];
      const dimmed: readonly Piece[] = [["stale", command.title]];
      return [
        [refusal === null ? "key" : "stale", fit(keys, keyColumns)],
        ...padded(refusal === null ? marked(query, command.title) : dimmed, command.title, title),
        ...(room > 8 ? [end] : []),
      ];
    },
  };
}

/** The pieces of a text filled with blanks to a column; a text that is too long is cut and loses its marks. */
function padded(pieces: readonly Piece[], text: string, width: number): readonly Piece[] {
  const fitted = fit(text, width);
  if (!fitted.startsWith(text)) return [["text.primary", fitted]];
  return [...pieces, ["text.primary", fitted.slice(text.length)]];
}
