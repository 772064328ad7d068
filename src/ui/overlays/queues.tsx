import { Box } from "ink";
import { selectedQueue } from "../../app/slices/queues.js";
import type { AppState } from "../../app/store.js";
import type { Queue } from "../../contract/queue.js";
import { shortDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { useApp, useUi } from "../hooks.js";
import { fit, type Piece, wrapWords } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { count } from "../paint/number-format.js";
import type { Look } from "../panes/pane.js";
import { Dialog, type DialogSize } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { Line } from "../widgets/line.js";
import { List, movedSelection } from "../widgets/list.js";
import { useKeys } from "../widgets/use-keys.js";
import { Waiting } from "../widgets/waiting.js";

const size = { width: 108, height: 22 };
/** Headings above the list; a blank and two lines below it. */
const otherRows = 4;

/** The lab's queues in their order; what each key does is a command of the one table. */
export function Queues() {
  const { look } = useUi();
  const { rows, loaded, failure } = useApp((state) => state.queues);
  const notice = useApp(({ actions }) => actions.notice);
  const pending = useApp(({ actions }) => actions.pending[0]?.title ?? null);
  const selected = useApp((state: AppState) => selectedQueue(state.queues));
  useQueueKeys(rows, selected);
  return (
    <Dialog
      title="Queues"
      note={loaded ? `${rows.length}` : undefined}
      {...size}
      height={Math.min(size.height, Math.max(8, rows.length + otherRows + 2))}
      keys={[
        { key: "Space", does: "pause" },
        { key: "K J", does: "order" },
        { key: "+ - 0", does: "at once" },
        { key: "n", does: "new" },
        { key: "Enter", does: "show" },
        { key: "Esc", does: "close" },
      ]}
    >
      {(inner) =>
        loaded ? (
          <Table {...inner} rows={rows} selected={selected} look={look}>
            {pending !== null ? (
              <Line width={inner.width} pieces={[["notice.info", `${pending} …`]]} />
            ) : (
              <Said width={inner.width} queue={selected} notice={notice} />
            )}
          </Table>
        ) : failure === null ? (
          <Waiting>Asking for the queues …</Waiting>
        ) : (
          <Label tone="notice.bad">{failure.message}</Label>
        )
      }
    </Dialog>
  );
}

function useQueueKeys(rows: readonly Queue[], selected: Queue | undefined): void {
  const { store, runner } = useUi();
  const screenRows = useApp((state) => state.view.rows);
  const close = { type: "view/overlayClosed" } as const;
  const commands: Readonly<Record<string, string>> = {
    space: "queues.pause",
    K: "queues.up",
    J: "queues.down",
    "+": "queues.more",
    "-": "queues.fewer",
    "0": "queues.unlimited",
    n: "queues.new",
  };
  useKeys(({ name }) => {
    const position = selected === undefined ? 0 : rows.indexOf(selected);
    const height = Math.min(size.height, screenRows) - otherRows - 2;
    const moved = movedSelection(aliases[name] ?? name, position, { count: rows.length, height });
    const to = moved === undefined ? undefined : rows[moved];
    const command = commands[name];
    if (to !== undefined) store.dispatch({ type: "queues/selected", id: to._id });
    else if (name === "esc") store.dispatch(close);
    else if (command !== undefined) void runner.run(command);
    else if (name === "enter" && selected !== undefined)
      store.dispatchAll([
        close,
        { type: "experiments/filtered", filter: `queue:${selected.name}` },
        { type: "view/focused", pane: "queue" },
      ]);
  });
}

/** Nothing is typed here, so the keys of a list work as well. */
const aliases: Readonly<Record<string, string>> = { j: "down", k: "up", home: "ctrl-home", end: "ctrl-end" };

interface TableProps extends DialogSize {
  readonly rows: readonly Queue[];
  readonly selected: Queue | undefined;
  readonly look: Look;
  readonly children: React.ReactNode;
}

const columns = { state: 11, running: 9, waiting: 9, done: 9, hours: 9, cost: 10 } as const;
const markColumns = 2;

function Table({ rows, selected, look, width, height, children }: TableProps) {
  const nameColumns = Math.max(8, width - markColumns - Object.values(columns).reduce((sum, one) => sum + one, 0));
  const heading: readonly Piece[] = [
    ["text.muted", " ".repeat(markColumns) + fit("QUEUE", nameColumns)],
    ["text.muted", fit("STATE", columns.state)],
    ["text.muted", fit("RUN/MOST", columns.running, "right")],
    ["text.muted", fit("WAITING", columns.waiting, "right")],
    ["text.muted", fit("ENDED", columns.done, "right")],
    ["text.muted", fit("LEFT", columns.hours, "right")],
    ["text.muted", fit("COST", columns.cost, "right")],
  ];
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Line width={width} pieces={heading} />
      <List
        items={rows}
        selected={selected === undefined ? -1 : rows.indexOf(selected)}
        height={Math.max(1, height - otherRows)}
      >
        {(queue) => (
          <Line
            key={queue._id}
            width={width}
            selected={queue === selected}
            pieces={queuePieces(queue, nameColumns, look)}
          />
        )}
      </List>
      <Box marginTop={1} flexDirection="column" flexShrink={0}>
        {children}
      </Box>
    </Box>
  );
}

const looks = {
  running: { tone: "status.running", glyph: "running", word: "open" },
  paused: { tone: "status.blocked", glyph: "blocked", word: "paused" },
  complete: { tone: "text.muted", glyph: "pass", word: "all done" },
} as const;

function queuePieces(queue: Queue, nameColumns: number, look: Look): readonly Piece[] {
  const { counts, concurrency, totalEstimatedHours, totalEstimatedCostUsd } = queue;
  const state = looks[queue.status];
  const running = counts.running;
  const waiting = counts.queued + counts.blocked;
  const ended = counts.pass + counts.fail;
  const most = concurrency === null ? (look.unicode ? "∞" : "any") : count(concurrency);
  return [
    ["text.strong", `${fit(queue.name, nameColumns - 1)} `],
    [state.tone, fit(`${glyph(state.glyph, look)} ${state.word}`, columns.state)],
    [running > 0 ? "status.running" : "text.muted", fit(`${count(running)}/${most}`, columns.running, "right")],
    [waiting > 0 ? "text.primary" : "text.muted", fit(count(waiting), columns.waiting, "right")],
    ["text.muted", fit(count(ended), columns.done, "right")],
    ["text.primary", fit(leftText(totalEstimatedHours), columns.hours, "right")],
    ["money", fit(usd(totalEstimatedCostUsd, { estimate: true }), columns.cost, "right")],
  ];
}

const leftText = (hours: number | null) => (hours === null ? "–" : `~${shortDuration(hours * 3_600_000)}`);

/** How long ago a notice still belongs to what is seen. */
const noticeMs = 8000;

function Said({
  width,
  queue,
  notice,
}: {
  readonly width: number;
  readonly queue: Queue | undefined;
  readonly notice: AppState["actions"]["notice"];
}) {
  const nowMs = useApp((state) => state.view.nowMs);
  const isFresh = notice !== null && nowMs - notice.at < noticeMs;
  const text = isFresh ? notice.text : aboutQueue(queue);
  const tone = isFresh ? (notice.tone === "bad" ? "notice.bad" : "notice.good") : "text.muted";
  return wrapWords(text, width)
    .slice(0, 2)
    .map((line, index) => <Line key={index} width={width} pieces={[[tone, line]]} />);
}

function aboutQueue(queue: Queue | undefined): string {
  if (queue === undefined) return "";
  const { counts, place } = queue;
  const drafts = counts.draft;
  const blocked = counts.blocked;
  const parts = [
    queue.status === "paused" ? "what runs goes on, nothing of it starts" : `place ${place + 1}`,
    ...(blocked === 0 ? [] : [`${blocked} of the waiting are blocked`]),
    ...(drafts === 0 ? [] : [drafts === 1 ? "1 draft" : `${drafts} drafts`]),
    "of the same priority the upper queue's start first",
  ];
  return `${queue.name}: ${parts.join(", ")}`;
}
