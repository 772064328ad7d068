import { Box } from "ink";
import { type ReactNode, useState } from "react";
import { useApp } from "../hooks.js";
import { type Piece, wrapWords } from "../paint/columns.js";
import { Dialog, type KeyHint } from "./dialog.js";
import { Label } from "./label.js";
import { Line } from "./line.js";
import { editTextField, textEditOf, textField } from "./line-editor.js";
import { List, movedSelection } from "./list.js";
import { mostFound } from "./search.js";
import { TextField } from "./text-field.js";
import { useKeys } from "./use-keys.js";

export interface FinderItem {
  readonly id: string;
  readonly pieces: (width: number) => readonly Piece[];
  /** Said below the list while it is chosen. */
  readonly about: string;
  /** Why it can't be chosen now; it stays in the list and says so. */
  readonly refusal: string | null;
}

export type FinderRow<T extends FinderItem> = T | { readonly heading: string };

interface FinderProps<T extends FinderItem> {
  readonly title: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly placeholder: string;
  readonly keys: readonly KeyHint[];
  readonly find: (query: string) => readonly FinderRow<T>[];
  readonly onChoose: (item: T) => void;
  readonly onClose: () => void;
}

/** Rows that are not the list: what is typed, a blank, a blank, and two lines about the chosen item. */
const otherRows = 4;

/** A list that is searched by typing. Enter takes the chosen item; one that can't be taken says why instead. */
export function Finder<T extends FinderItem>(props: FinderProps<T>) {
  const { title, size, placeholder, keys, find, onChoose, onClose } = props;
  const [query, setQuery] = useState(textField(""));
  const [position, setPosition] = useState(0);
  const screenRows = useApp((state) => state.view.rows);
  const rows = find(query.text);
  const items = rows.filter((row): row is T => !("heading" in row));
  const chosen = items[Math.min(position, items.length - 1)];

  const type = (text: string, name = "") => {
    const edit = textEditOf(name, text);
    if (edit === null) return;
    setQuery((state) => editTextField(state, edit));
    setPosition(0);
  };
  useKeys(
    ({ name, text }) => {
      const moved = movedSelection(name, Math.min(position, items.length - 1), {
        count: items.length,
        height: Math.min(size.height, screenRows) - otherRows - 2,
      });
      if (moved !== undefined) setPosition(moved);
      else if (name === "esc") onClose();
      else if (name !== "enter") type(text, name);
      else if (chosen?.refusal === null) onChoose(chosen);
    },
    (text) => type(text),
  );

  return (
    <Dialog title={title} note={countOf(items.length)} {...size} keys={keys}>
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Box height={1} flexShrink={0}>
            <Label tone="text.accent">{"> "}</Label>
            <TextField state={query} width={width - 2} focused placeholder={placeholder} />
          </Box>
          <Rows rows={rows} chosen={chosen} width={width} height={Math.max(1, height - otherRows)} />
          <About item={chosen} width={width} query={query.text} />
        </Box>
      )}
    </Dialog>
  );
}

interface RowsProps<T extends FinderItem> {
  readonly rows: readonly FinderRow<T>[];
  readonly chosen: T | undefined;
  readonly width: number;
  readonly height: number;
}

function Rows<T extends FinderItem>({ rows, chosen, width, height }: RowsProps<T>): ReactNode {
  const selected = chosen === undefined ? -1 : rows.indexOf(chosen);
  return (
    <Box marginTop={1} flexShrink={0}>
      <List items={rows} selected={selected} height={height}>
        {(row) =>
          "heading" in row ? (
            <Line key={row.heading} width={width} pieces={[["title.idle", row.heading]]} />
          ) : (
            <Line key={row.id} width={width} selected={row === chosen} pieces={row.pieces(width - 2)} />
          )
        }
      </List>
    </Box>
  );
}

/** Two lines: what the chosen item does and, where it can't be chosen, why. */
function About({
  item,
  width,
  query,
}: {
  readonly item: FinderItem | undefined;
  readonly width: number;
  readonly query: string;
}) {
  if (item === undefined) return <Line width={width} pieces={[["text.muted", `Nothing matches ${query}`]]} />;
  const lines = wrapWords(item.about, width).slice(0, item.refusal === null ? 2 : 1);
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, index) => (
        <Line key={index} width={width} pieces={[["text.muted", line]]} />
      ))}
      {item.refusal === null ? null : <Line width={width} pieces={[["notice.bad", `Not now: ${item.refusal}`]]} />}
    </Box>
  );
}

function countOf(count: number): string {
  if (count >= mostFound) return `first ${count}`;
  return count === 1 ? "1 match" : `${count} matches`;
}
