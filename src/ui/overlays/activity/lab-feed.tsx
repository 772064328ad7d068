import { Box } from "ink";
import { useState } from "react";
import type { Activity } from "../../../contract/activity.js";
import type { Tone } from "../../../theme/tones.js";
import { toTarget } from "../../go-to.js";
import { useApp, useUi } from "../../hooks.js";
import { columnsOf, fit, type Piece, printable } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { type GlyphName, glyph } from "../../paint/look.js";
import { timeOfDay } from "../../paint/number-format.js";
import type { Look } from "../../panes/pane.js";
import type { DialogSize } from "../../widgets/dialog.js";
import { Label } from "../../widgets/label.js";
import { Line } from "../../widgets/line.js";
import { List, movedSelection } from "../../widgets/list.js";
import { useKeys } from "../../widgets/use-keys.js";
import { Waiting } from "../../widgets/waiting.js";

interface FeedProps extends DialogSize {
  readonly onKey: (name: string) => void;
}

/** Nothing is typed here, so the keys of a list work as well. */
const aliases: Readonly<Record<string, string>> = {
  j: "down",
  k: "up",
  g: "ctrl-home",
  G: "ctrl-end",
  home: "ctrl-home",
  end: "ctrl-end",
};

/** What happened in the lab, newest first, live. The cursor stays on what it is on while more comes. */
export function LabFeed({ width, height, onKey }: FeedProps) {
  const { store, look } = useUi();
  const { rows, loaded, failure } = useApp((state) => state.activity);
  const nowMs = useApp((state) => state.view.nowMs);
  const [selectedId, select] = useState<string | null>(null);
  const found = rows.findIndex(({ _id }) => _id === selectedId);
  // At the top it follows what is newest.
  const position = Math.max(0, found);
  const listHeight = Math.max(1, height - (failure === null ? 0 : 1));
  useKeys(({ name }) => {
    const moved = movedSelection(aliases[name] ?? name, position, { count: rows.length, height: listHeight });
    const ref = rows[position]?.ref;
    if (moved !== undefined) select(moved === 0 ? null : (rows[moved]?._id ?? null));
    else if (name !== "enter" || ref === undefined) onKey(name);
    else {
      const there = toTarget(store.api.getState(), ref);
      if (there !== null) store.dispatchAll([{ type: "view/overlayClosed" }, ...there]);
    }
  });
  if (!loaded && failure === null) return <Waiting>Asking what happened …</Waiting>;
  if (loaded && rows.length === 0) return <Label tone="text.muted">Nothing has happened in this lab yet.</Label>;
  const today = dateTime(nowMs).slice(0, 10);
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      {failure === null ? null : <Line width={width} pieces={[["notice.bad", printable(failure.message)]]} />}
      <List items={rows} selected={position} height={listHeight}>
        {(row, index) => (
          <Line
            key={row._id}
            width={width}
            selected={index === position}
            pieces={activityPieces(row, { width: width - 2, today, look })}
          />
        )}
      </List>
    </Box>
  );
}

/** A severity is a glyph as well as a colour. */
const severityLook: Readonly<Record<Activity["severity"], { readonly tone: Tone; readonly glyph: GlyphName }>> = {
  info: { tone: "text.muted", glyph: "separator" },
  success: { tone: "status.pass", glyph: "pass" },
  warning: { tone: "alert.warning", glyph: "alert" },
  error: { tone: "status.fail", glyph: "fail" },
  critical: { tone: "alert.critical", glyph: "fail" },
};

const timeColumns = 10;
const longestActor = 16;

interface Context {
  readonly width: number;
  /** `2026-11-21` */
  readonly today: string;
  readonly look: Look;
}

function activityPieces({ severity, message, actor, createdAt }: Activity, context: Context): readonly Piece[] {
  const { width, today, look } = context;
  const { tone, glyph: mark } = severityLook[severity];
  const day = dateTime(createdAt);
  // Of another day the day says more than the second.
  const time = day.startsWith(today) ? timeOfDay(createdAt, 8) : day.slice(5, 10);
  const who = fit(printable(actor), Math.min(longestActor, columnsOf(printable(actor))));
  const room = Math.max(8, width - timeColumns - 2 - columnsOf(who) - 2);
  const isLoud = severity !== "info" && severity !== "success";
  return [
    ["log.time", fit(time, timeColumns)],
    [tone, `${glyph(mark, look)} `],
    [isLoud ? tone : "text.primary", fit(printable(message), room)],
    ["text.muted", `  ${who}`],
  ];
}
