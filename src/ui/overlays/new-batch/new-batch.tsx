import { Box } from "ink";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { gridNames } from "../../../app/batch-grid.js";
import { batchRequest } from "../../../app/create-request.js";
import { visibleExperiments } from "../../../app/selectors/visible-experiments.js";
import type { Overlay } from "../../../app/slices/view.js";
import { longDuration } from "../../../core/duration.js";
import { useApp, useUi } from "../../hooks.js";
import type { Piece } from "../../paint/columns.js";
import { glyph } from "../../paint/look.js";
import { count } from "../../paint/number-format.js";
import { Choice } from "../../widgets/choice.js";
import { Dialog, type DialogSize } from "../../widgets/dialog.js";
import { FieldRow } from "../../widgets/field-row.js";
import { Label } from "../../widgets/label.js";
import { Line } from "../../widgets/line.js";
import { TextField } from "../../widgets/text-field.js";
import { useKeys } from "../../widgets/use-keys.js";
import { Waiting } from "../../widgets/waiting.js";
import {
  type BatchField,
  type BatchForm,
  type BatchSheet,
  type BatchSources,
  batchPasted,
  batchPressed,
  batchSheet,
  likeNames,
  likeOf,
  newBatchForm,
  queueNames,
  starts,
  titleField,
} from "./form.js";

const size = { width: 96, height: 30 };
const nameColumns = 12;
/** Six fields, a blank, the heading of the list, a blank, the answer. */
const fixedRows = 10;

type BatchOverlay = Extract<Overlay, { kind: "newBatch" }>;

/** The form of a batch, with the list of exactly what it will make. A failure stays in the form. */
export function NewBatch({ overlay }: { readonly overlay: BatchOverlay }) {
  const { store, look } = useUi();
  const sources = useSources(overlay);
  const { form, setForm } = useBatchForm(sources);
  useKeys(
    (key) => {
      if (key.name === "esc") store.dispatch({ type: "view/overlayClosed" });
      else setForm(batchPressed(form, key, sources));
    },
    (text) => setForm(batchPasted(form, text.replaceAll(/\s+/g, " "), sources)),
  );
  const sheet = batchSheet(form, sources);
  return (
    <Dialog
      title="New batch"
      note={sheet.parsed.count === 0 ? undefined : `makes ${count(sheet.parsed.count)}`}
      {...size}
      keys={[
        { key: "Tab", does: "next" },
        { key: look.unicode ? "←→" : "Left Right", does: "choose" },
        { key: "Ctrl-S", does: "make them" },
        { key: "Esc", does: "close" },
      ]}
    >
      {(inner: DialogSize) => <BatchRows form={form} sheet={sheet} sources={sources} size={inner} />}
    </Dialog>
  );
}

function useSources({ like }: BatchOverlay): BatchSources {
  const experiment = useApp(({ experiments }) =>
    like === null ? undefined : visibleExperiments(experiments).byId(like),
  );
  const templates = useApp((state) => state.templates.rows);
  const queues = useApp((state) => state.queues.rows);
  return { experiment, templates, queues };
}

/** The form's state; sending it is an effect of `sending`. */
function useBatchForm(sources: BatchSources) {
  const { runner } = useUi();
  const [form, setForm] = useState<BatchForm>(() => newBatchForm(sources.experiment));
  const send = useEffectEvent(() => {
    const { draft, parsed } = batchSheet(form, sources);
    if (draft === null) return;
    const grid = Object.fromEntries(Object.entries(parsed.grid).map(([path, values]) => [path, [...values]]));
    void runner.submit(batchRequest({ ...draft, grid }, parsed.count)).then((failure) => {
      if (failure !== null) setForm({ ...form, sending: false, failure });
    });
  });
  useEffect(() => {
    if (form.sending) send();
  }, [form.sending]);
  return { form, setForm };
}

interface RowsProps {
  readonly form: BatchForm;
  readonly sheet: BatchSheet;
  readonly sources: BatchSources;
  readonly size: DialogSize;
}

function BatchRows({ form, sheet, sources, size: { width, height } }: RowsProps) {
  const room = width - nameColumns;
  const row = (field: BatchField, name: string, children: ReactNode) => (
    <FieldRow name={name} columns={nameColumns} focused={form.field === field} problem={undefined} width={width}>
      {children}
    </FieldRow>
  );
  const choice = (field: BatchField, name: string, options: readonly string[], value: string) =>
    row(field, name, <Choice options={options} value={value} focused={form.field === field} width={room} />);
  return (
    <Box flexDirection="column" width={width} height={height}>
      {choice("like", "Like", likeNames(sources), likeOf(form, sources) ?? "")}
      {row(
        "title",
        "Title",
        <TextField state={titleField(form, sources)} width={room} focused={form.field === "title"} />,
      )}
      {row(
        "grid",
        "Values",
        <TextField
          state={form.grid}
          width={room}
          focused={form.field === "grid"}
          placeholder="seed=1..8 steps=100,200 model.name=a,b"
        />,
      )}
      {choice("queue", "Queue", queueNames(sources), form.queue)}
      {choice("start", "Made as", starts, form.start)}
      <SendRow form={form} sheet={sheet} width={width} />
      <Box height={1} flexShrink={0} />
      <Made sheet={sheet} width={width} height={Math.max(1, height - fixedRows)} />
      <Box height={1} flexShrink={0} />
      <Answer form={form} sheet={sheet} width={width} />
    </Box>
  );
}

function SendRow({
  form,
  sheet,
  width,
}: {
  readonly form: BatchForm;
  readonly sheet: BatchSheet;
  readonly width: number;
}) {
  const { look } = useUi();
  const focused = form.field === "send";
  const made = sheet.parsed.count;
  const label =
    made === 0 ? "[ Make experiments ]" : made === 1 ? "[ Make 1 experiment ]" : `[ Make ${count(made)} experiments ]`;
  return (
    <Line
      width={width}
      pieces={[
        ["text.accent", focused ? `${glyph("cursor", look)} ` : "  "],
        [focused ? "title.focus" : "text.muted", label],
        ["text.muted", focused ? "  Enter makes them" : ""],
      ]}
    />
  );
}

/** What it will make, one a row, as many as fit; how many there are and how long they take. */
function Made({
  sheet,
  width,
  height,
}: {
  readonly sheet: BatchSheet;
  readonly width: number;
  readonly height: number;
}) {
  const { draft, parsed } = sheet;
  const names = gridNames(parsed.grid, height);
  const isAll = parsed.count <= height;
  const shown = isAll ? names : names.slice(0, Math.max(0, height - 1));
  const heading: Piece[] = [
    ["title.idle", "Will make"],
    ["text.muted", totalWords(sheet)],
  ];
  return (
    <Box flexDirection="column" height={height + 1} flexShrink={0} overflow="hidden">
      <Line width={width} pieces={heading} />
      {shown.map((name, index) => (
        <Line
          key={index}
          width={width}
          pieces={[
            ["text.muted", `  ${draft?.title ?? ""} `],
            ["text.strong", name],
          ]}
        />
      ))}
      {isAll ? null : (
        <Line width={width} pieces={[["text.muted", `  and ${count(parsed.count - shown.length)} more`]]} />
      )}
    </Box>
  );
}

function totalWords({ draft, parsed }: BatchSheet): string {
  if (draft === null || parsed.count === 0) return "  nothing yet: say which values";
  const { estimatedSeconds, computeMode } = draft;
  const each =
    estimatedSeconds === undefined
      ? ""
      : `, ${longDuration(estimatedSeconds * 1000 * parsed.count)} one after the other`;
  return `  ${count(parsed.count)} on ${computeMode}${each}`;
}

function Answer({
  form,
  sheet,
  width,
}: {
  readonly form: BatchForm;
  readonly sheet: BatchSheet;
  readonly width: number;
}) {
  if (form.sending) return <Waiting>waiting for the lab</Waiting>;
  if (form.failure !== null) {
    const { message, hint } = form.failure;
    return (
      <Line width={width} pieces={[["notice.bad", `Not made: ${message}${hint === undefined ? "" : ` · ${hint}`}`]]} />
    );
  }
  const isShown = sheet.problem !== null && (form.checked || form.grid.text !== "");
  return <Label tone="notice.bad">{isShown ? sheet.problem : " "}</Label>;
}
