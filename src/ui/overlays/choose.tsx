import { Box } from "ink";
import { useState } from "react";
import type { Option } from "../../app/question.js";
import type { Overlay } from "../../app/slices/view.js";
import { useApp, useUi } from "../hooks.js";
import { columnsOf, fit, type Piece } from "../paint/columns.js";
import { Dialog, dialogHeight, dialogInnerWidth } from "../widgets/dialog.js";
import { Line } from "../widgets/line.js";
import { List, movedSelection } from "../widgets/list.js";
import { Question, questionLines } from "../widgets/question.js";
import { useKeys } from "../widgets/use-keys.js";

const columns = 88;
const frameRows = 2;
/** Blank above the list, blank below it, the line about what was chosen. */
const otherRows = 3;
const mostOptions = 14;

/** Asks for one of a few. Those that can't be chosen stay in the list and say why. */
export function Choose({ overlay }: { readonly overlay: Extract<Overlay, { kind: "choose" }> }) {
  const { store, runner, look } = useUi();
  const { options } = overlay;
  const [position, setPosition] = useState(() =>
    Math.max(
      0,
      options.findIndex(({ refusal }) => refusal === null),
    ),
  );
  const screenColumns = useApp((state) => state.view.columns);
  const screenRows = useApp((state) => state.view.rows);
  const asked = questionLines(overlay, dialogInnerWidth(columns, screenColumns));
  const wanted = asked.length + Math.min(options.length, mostOptions) + otherRows + frameRows;
  const listHeight = (inner: number) => Math.max(1, Math.min(options.length, inner - otherRows - asked.length));
  const chosen = options[position];
  useKeys(({ name }) => {
    const key = aliases[name] ?? name;
    const height = listHeight(dialogHeight(wanted, screenRows) - frameRows);
    const moved = movedSelection(key, position, { count: options.length, height });
    if (moved !== undefined) setPosition(moved);
    else if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
    else if (name === "enter" && chosen?.refusal === null) void runner.answerYes(chosen.id);
  });
  return (
    <Dialog
      title="Choose"
      width={columns}
      height={wanted}
      keys={[
        { key: look.unicode ? "↑↓" : "Up Down", does: "choose" },
        { key: "Enter", does: "take it" },
        { key: "Esc", does: "none" },
      ]}
    >
      {({ width, height }) => {
        const labelColumns = Math.min(
          Math.max(...options.map(({ label }) => label.length), 8) + 2,
          Math.floor(width / 2),
        );
        return (
          <Box flexDirection="column" width={width} height={height}>
            <Question lines={asked} width={width} height={asked.length} top={0} />
            <Box height={1} flexShrink={0} />
            <List items={options} selected={position} height={listHeight(height)}>
              {(option) => (
                <Line
                  key={option.id}
                  width={width}
                  selected={option === chosen}
                  pieces={optionPieces(option, labelColumns)}
                />
              )}
            </List>
            <Box flexGrow={1} />
            {chosen === undefined || (chosen.refusal === null && isWhole(chosen, labelColumns, width)) ? null : (
              <Line
                width={width}
                pieces={
                  chosen.refusal === null
                    ? [["text.muted", chosen.about]]
                    : [["notice.bad", `Not now: ${chosen.refusal}`]]
                }
              />
            )}
          </Box>
        );
      }}
    </Dialog>
  );
}

/** Mark of the cursor before a row. */
const markColumns = 2;

/** Whether its row shows all of it. */
const isWhole = ({ about }: Option, labelColumns: number, width: number) =>
  markColumns + labelColumns + columnsOf(about) <= width;

/** Nothing is typed here, so the keys of a list work as well. */
const aliases: Readonly<Record<string, string>> = { j: "down", k: "up", home: "ctrl-home", end: "ctrl-end" };

function optionPieces({ label, about, refusal }: Option, columns: number): readonly Piece[] {
  if (refusal !== null)
    return [
      ["stale", fit(label, columns)],
      ["stale", refusal],
    ];
  return [
    ["text.primary", fit(label, columns)],
    ["text.muted", about],
  ];
}
