import { Box } from "ink";
import type { Alert } from "../../app/slices/alerts.js";
import { shortDuration } from "../../core/duration.js";
import type { Tone } from "../../theme/tones.js";
import { toTarget } from "../go-to.js";
import { useApp, useUi } from "../hooks.js";
import { fit, type Piece } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { Dialog } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { Line } from "../widgets/line.js";
import { List, movedSelection } from "../widgets/list.js";
import { useKeys } from "../widgets/use-keys.js";

const size = { width: 92, height: 24 };

const severities: Readonly<Record<Alert["severity"], { readonly tone: Tone; readonly word: string }>> = {
  critical: { tone: "alert.critical", word: "critical" },
  warning: { tone: "alert.warning", word: "warning" },
  info: { tone: "alert.info", word: "info" },
};
const rank: readonly Alert["severity"][] = ["critical", "warning", "info"];

/** What a person should look at: what is not acknowledged yet first, the worst first. Enter goes there. */
export function Alerts() {
  const { open, selectedKey } = useApp((state) => state.alerts);
  const nowMs = useApp((state) => state.view.nowMs);
  const alerts = open.toSorted(byUrgency);
  const position = Math.max(
    0,
    alerts.findIndex((alert) => alert.key === selectedKey),
  );
  useAlertKeys(alerts, position);
  const waiting = alerts.filter((alert) => !alert.acknowledged).length;
  return (
    <Dialog
      title="Alerts"
      note={`${waiting} open, ${alerts.length - waiting} acknowledged`}
      {...size}
      height={Math.min(size.height, Math.max(6, alerts.length + 2))}
      keys={[
        { key: "Enter", does: "go there" },
        { key: "a", does: "acknowledge" },
        { key: "Esc", does: "close" },
      ]}
    >
      {({ width, height }) =>
        alerts.length === 0 ? (
          <AllWell />
        ) : (
          <List items={alerts} selected={position} height={height}>
            {(alert, index) => (
              <Line
                key={alert.key}
                width={width}
                selected={index === position}
                pieces={alertPieces(alert, nowMs, width)}
              />
            )}
          </List>
        )
      }
    </Dialog>
  );
}

function AllWell() {
  const { look } = useUi();
  return (
    <Box flexDirection="column" marginTop={1}>
      <Label tone="status.pass">{`${glyph("pass", look)} Nothing needs a look`}</Label>
      <Label tone="text.muted">Failed, blocked and silent experiments, idle pods and a lost link show up here.</Label>
    </Box>
  );
}

function useAlertKeys(alerts: readonly Alert[], position: number): void {
  const { store } = useUi();
  const rows = useApp((state) => state.view.rows);
  const selected = alerts[position];
  const select = (index: number) =>
    store.dispatch({ type: "alerts/selected", key: alerts[Math.min(index, alerts.length - 1)]?.key ?? null });
  const close = { type: "view/overlayClosed" } as const;
  useKeys(({ name }) => {
    const moved = movedSelection(vimArrow(name), position, {
      count: alerts.length,
      height: Math.min(size.height, rows) - 2,
    });
    if (moved !== undefined) select(moved);
    else if (name === "esc") store.dispatch(close);
    else if (selected === undefined) return;
    else if (name === "a") {
      // The acknowledged one sinks to the end; the cursor stays on the next one that needs a look.
      select(position + 1);
      store.dispatch({ type: "alerts/acknowledged", key: selected.key });
    } else if (name === "enter" && selected.target !== null) {
      const there = toTarget(store.api.getState(), selected.target);
      if (there !== null) store.dispatchAll([close, ...there]);
    }
  });
}

function vimArrow(name: string): string {
  if (name === "j") return "down";
  return name === "k" ? "up" : name;
}

const ageColumns = 5;

function alertPieces(alert: Alert, nowMs: number, width: number): readonly Piece[] {
  const { tone, word } = severities[alert.severity];
  const age = fit(shortDuration(nowMs - alert.raisedAt), ageColumns, "right");
  const state = alert.acknowledged ? "ack " : "    ";
  const room = Math.max(10, width - 2 - 10 - ageColumns - state.length - 1);
  return [
    [alert.acknowledged ? "stale" : tone, word],
    ["text.primary", " ".repeat(10 - word.length)],
    [alert.acknowledged ? "stale" : "text.primary", fit(alert.text, room)],
    ["text.muted", ` ${state}${age}`],
  ];
}

function byUrgency(a: Alert, b: Alert): number {
  return (
    Number(a.acknowledged) - Number(b.acknowledged) ||
    rank.indexOf(a.severity) - rank.indexOf(b.severity) ||
    b.raisedAt - a.raisedAt
  );
}
