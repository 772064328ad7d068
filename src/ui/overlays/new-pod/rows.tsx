import { Box } from "ink";
import type { ComponentProps, ReactNode } from "react";
import { countsOf, regionsOf } from "../../../app/gpu-options.js";
import { rangeText } from "../../../app/rent-price.js";
import type { StockState } from "../../../app/slices/stock.js";
import { useApp, useUi } from "../../hooks.js";
import { wrapWords } from "../../paint/columns.js";
import { glyph } from "../../paint/look.js";
import { Choice } from "../../widgets/choice.js";
import type { DialogSize } from "../../widgets/dialog.js";
import { FieldRow } from "../../widgets/field-row.js";
import { Label } from "../../widgets/label.js";
import { Line } from "../../widgets/line.js";
import { firstVisible } from "../../widgets/list.js";
import { TextField } from "../../widgets/text-field.js";
import { Waiting } from "../../widgets/waiting.js";
import { chosenOption, type PodField, type PodForm, type PodProblems, podProblems, type TextName } from "./form.js";
import { GpuList } from "./gpu-list.js";
import { anywhere, thenChoices } from "./keys.js";
import { podMoney } from "./money.js";

const nameColumns = 12;
/** Line above the list, two of money, the button; the answer takes one or as many as it needs. */
const fixedRows = 4;
const mostAnswerRows = 4;
type ShortFieldName = Exclude<PodField, "gpu" | "send">;
const shortFieldsOf = ({ fields }: Pick<PodForm, "fields">) =>
  fields.filter((field): field is ShortFieldName => field !== "gpu" && field !== "send");
/** With all of them: the dialog has one height. */
const mostFields = 9;
const mostListRows = 9;
const leastListRows = 3;
/** From so many rows on there is room for blank rows between the parts. */
const roomyRows = fixedRows + 1 + mostFields + leastListRows + 2;

export const wantedHeight = fixedRows + 1 + mostFields + mostListRows + 2;

/** Rows of the list and of the fields in a form of that inner height; the fields then scroll around the one with the focus. */
export function podRowsIn(
  height: number,
  answerRows = 1,
): { readonly list: number; readonly fields: number; readonly gap: number } {
  const gap = height >= roomyRows ? 1 : 0;
  const rest = Math.max(2, height - fixedRows - answerRows - 2 * gap);
  const list = Math.max(Math.min(leastListRows, rest - 1), Math.min(mostListRows, rest - mostFields));
  return { list, fields: Math.max(1, Math.min(mostFields, rest - list)), gap };
}

interface PodRowsProps {
  readonly form: PodForm;
  readonly stock: StockState;
  readonly size: DialogSize;
}

export function PodRows({ form, stock, size: { width, height } }: PodRowsProps) {
  const answer = answerLines(form, stock, width);
  const rows = podRowsIn(height, answer.length);
  const experiments = useApp((state) => state.experiments);
  const costs = useApp((state) => state.costs);
  const money = podMoney(form, stock.rows ?? [], { experiments, costs });
  const shortFields = shortFieldsOf(form);
  const at = shortFields.findIndex((field) => field === form.field);
  const selected = form.field === "send" ? shortFields.length - 1 : at;
  const first = firstVisible(shortFields.length, selected, rows.fields);
  return (
    <Box flexDirection="column" width={width} height={height}>
      <GpuList form={form} stock={stock} width={width} height={rows.list} />
      <Box height={rows.gap} flexShrink={0} />
      {shortFields.slice(first, first + rows.fields).map((field) => (
        <ShortField key={field} field={field} form={form} stock={stock} width={width} />
      ))}
      <Box height={rows.gap} flexShrink={0} />
      <Line
        width={width}
        pieces={[
          ["text.muted", "  "],
          ["money", money.price],
        ]}
      />
      <Line width={width} pieces={[["text.muted", `  ${money.outlook}`]]} />
      <SendRow form={form} stock={stock} width={width} perHour={rangeText(money.perHour)} />
      {form.sending ? (
        <Waiting>waiting for the provider to take it</Waiting>
      ) : (
        answer.map((line, index) => <Line key={index} width={width} pieces={[["notice.bad", line]]} />)
      )}
    </Box>
  );
}

const labels: Readonly<Record<ShortFieldName, string>> = {
  count: "Count",
  region: "Region",
  hours: "Max hours",
  then: "Then",
  volume: "Volume GB",
  disk: "Disk GB",
  image: "Image",
  name: "Name",
  env: "Env",
};

const placeholders: Readonly<Record<TextName, string>> = {
  hours: "no limit",
  volume: "0 for none",
  disk: "50",
  image: "the provider's own",
  name: "made from the GPU",
  env: 'KEY=value OTHER="two words"',
};

interface FieldProps {
  readonly field: ShortFieldName;
  readonly form: PodForm;
  readonly stock: StockState;
  readonly width: number;
}

function ShortField({ field, form, stock, width }: FieldProps) {
  const problems = shownProblems(form, stock);
  const focused = form.field === field;
  const room = width - nameColumns;
  return (
    <FieldRow name={labels[field]} columns={nameColumns} focused={focused} problem={problems[field]} width={width}>
      {fieldValue({ field, form, stock, width: problems[field] === undefined ? room : Math.floor(room / 2) }, focused)}
    </FieldRow>
  );
}

function fieldValue(props: FieldProps, focused: boolean): ReactNode {
  const { field, form, stock, width } = props;
  switch (field) {
    case "count": {
      const option = chosenOption(form, stock.rows ?? []);
      const counts = option === undefined ? ["1"] : countsOf(option).map(String);
      return <Choice options={counts} value={String(form.count)} focused={focused} width={width} />;
    }
    case "region":
      return <Place {...props} focused={focused} />;
    case "then": {
      const note = form.texts.hours.text.trim() === "" ? "  only with max hours" : "  by the lab: only while it runs";
      return <NotedChoice options={thenChoices} value={form.then} focused={focused} width={width} note={note} />;
    }
    default:
      return (
        <>
          <TextField
            state={form.texts[field]}
            width={isNumber(field) ? 12 : width}
            focused={focused}
            placeholder={placeholders[field]}
          />
          <Label tone="text.muted">{notes[field] ?? ""}</Label>
        </>
      );
  }
}

function Place({ form, stock, width, focused }: FieldProps & { readonly focused: boolean }) {
  const option = chosenOption(form, stock.rows ?? []);
  const places = option === undefined ? [] : regionsOf(option);
  const place = places.find(({ id }) => id === form.region);
  const note = place === undefined ? "" : ` ${place.name}, ${place.stock?.toLowerCase() ?? "stock unknown"}`;
  const names = [anywhere, ...places.map(({ id }) => id)];
  return <NotedChoice options={names} value={form.region ?? anywhere} focused={focused} width={width} note={note} />;
}

interface NotedChoiceProps extends ComponentProps<typeof Choice> {
  readonly note: string;
}

function NotedChoice({ note, width, ...choice }: NotedChoiceProps) {
  return (
    <>
      <Choice {...choice} width={width - note.length} />
      <Label tone="text.muted">{note}</Label>
    </>
  );
}

const isNumber = (field: TextName) => field === "hours" || field === "volume" || field === "disk";
const notes: Readonly<Partial<Record<TextName, string>>> = {
  hours: "hours, or 2d",
  volume: "stays when it is stopped, and costs then",
  disk: "wiped at every stop",
};

interface SendProps extends Omit<PodRowsProps, "size"> {
  readonly width: number;
}

function SendRow({ form, stock, width, perHour }: SendProps & { readonly perHour: string }) {
  const { look } = useUi();
  const focused = form.field === "send";
  const option = chosenOption(form, stock.rows ?? []);
  const what = option === undefined ? "" : `${form.count}×${option.name}`;
  return (
    <Line
      width={width}
      pieces={[
        ["text.accent", focused ? `${glyph("cursor", look)} ` : "  "],
        [focused ? "title.focus" : "text.muted", "[ Create pod ]"],
        ["text.strong", focused && what !== "" ? `  Enter rents ${what}: ${perHour} an hour from now on` : ""],
      ]}
    />
  );
}

/** What the provider said, in full as far as there is room: what was tried, and why each was refused. */
function answerLines(form: PodForm, stock: StockState, width: number): readonly string[] {
  if (form.failure !== null && !form.sending) {
    const { message, hint } = form.failure;
    const text = `Not created: ${message}${hint === undefined ? "" : ` · ${hint}`}`;
    return wrapWords(text, width).slice(0, mostAnswerRows);
  }
  const count = Object.keys(shownProblems(form, stock)).length;
  return [
    count === 0 || form.sending ? " " : `${count === 1 ? "One field needs" : `${count} fields need`} a change first`,
  ];
}

/** Problems of the texts at once; that there is no GPU only when sending was tried. */
function shownProblems(form: PodForm, stock: StockState): PodProblems {
  const problems = podProblems(form, stock.rows ?? []);
  if (form.checked) return problems;
  const hidden: readonly PodField[] = ["gpu"];
  return Object.fromEntries(Object.entries(problems).filter(([field]) => !hidden.includes(field as PodField)));
}
