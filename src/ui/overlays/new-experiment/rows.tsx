import { Box } from "ink";
import type { ReactNode } from "react";
import type { TemplatesState } from "../../../app/slices/templates.js";
import type { Queue } from "../../../contract/queue.js";
import { longDuration } from "../../../core/duration.js";
import { textWidth } from "../../../terminal/glyph-width.js";
import { useUi } from "../../hooks.js";
import { fit } from "../../paint/columns.js";
import { glyph } from "../../paint/look.js";
import { cursorPlace } from "../../widgets/area-editor.js";
import { Choice } from "../../widgets/choice.js";
import type { DialogSize } from "../../widgets/dialog.js";
import { FieldRow } from "../../widgets/field-row.js";
import { Label } from "../../widgets/label.js";
import { Line } from "../../widgets/line.js";
import { TextArea } from "../../widgets/text-area.js";
import { TextField } from "../../widgets/text-field.js";
import { Waiting } from "../../widgets/waiting.js";
import { placeOf } from "./config.js";
import {
  choices,
  type ExperimentForm,
  type FormField,
  type FormProblems,
  noTemplate,
  parseEstimate,
  problemsOf,
  queueNames,
  starts,
  templateNames,
} from "./form.js";
import { parameterOn, parameterWords } from "./parameters.js";

const nameColumns = 12;
/** Rows that are not the config: seven fields, the template's description, the config's heading, the button and the answer. */
const fixedRows = 11;
/** From here on there is room for blank rows between the parts. */
const roomyRows = 22;
const blankRows = 3;
const leastConfigRows = 8;

/** The height that shows a whole config, within reason. */
export function wantedHeight(config: string): number {
  return fixedRows + blankRows + Math.max(leastConfigRows, config.split("\n").length + 1);
}

/** Lines of the config that are seen in a form of that inner height. */
export function configHeightIn(height: number): number {
  return Math.max(2, height - fixedRows - (height >= roomyRows ? blankRows : 0));
}

interface FormRowsProps {
  readonly form: ExperimentForm;
  readonly templates: TemplatesState;
  readonly queues: readonly Queue[];
  readonly size: DialogSize;
}

export function FormRows({ form, templates, queues, size: { width, height } }: FormRowsProps) {
  const problems = shownProblems(form);
  const gap = height >= roomyRows ? 1 : 0;
  const room = width - nameColumns;
  const seconds = parseEstimate(form.estimate.text);
  const row = (field: FormField, name: string, children: ReactNode) => (
    <FieldRow
      name={name}
      columns={nameColumns}
      focused={form.field === field}
      problem={problems[field]?.message}
      width={width}
    >
      {children}
    </FieldRow>
  );
  const choice = (field: FormField, name: string, options: readonly string[], value: string) =>
    row(field, name, <Choice options={options} value={value} focused={form.field === field} width={room} />);
  const textRoom = (field: FormField) => (problems[field] === undefined ? room : Math.floor(room / 2));
  return (
    <Box flexDirection="column" width={width} height={height}>
      {row("template", "Template", <TemplateChoice form={form} templates={templates} width={room} />)}
      <Line width={width} pieces={[["text.muted", " ".repeat(nameColumns) + description(form, templates)]]} />
      <Box height={gap} flexShrink={0} />
      {row(
        "title",
        "Title",
        <TextField state={form.title} width={textRoom("title")} focused={form.field === "title"} />,
      )}
      {choice("compute", "Compute", choices.compute, form.compute)}
      {choice("priority", "Priority", choices.priority, form.priority)}
      {row(
        "estimate",
        "Estimate",
        <>
          <TextField
            state={form.estimate}
            width={Math.min(10, textRoom("estimate"))}
            focused={form.field === "estimate"}
            placeholder="unknown"
          />
          {typeof seconds === "number" ? (
            <Label tone="text.muted">{`seconds: ${longDuration(seconds * 1000)}`}</Label>
          ) : null}
        </>,
      )}
      {choice("queue", "Queue", queueNames(form, queues), form.queue)}
      {choice("start", "Made as", starts, form.start)}
      <Box height={gap} flexShrink={0} />
      {row(
        "config",
        "Config",
        <Label tone="text.muted">{problems.config === undefined ? configHint(form, templates, room) : ""}</Label>,
      )}
      <TextArea
        state={form.config}
        width={width}
        height={configHeightIn(height)}
        focused={form.field === "config"}
        badLine={badLine(form, problems)}
      />
      <Box height={gap} flexShrink={0} />
      <SendRow form={form} width={width} />
      <Answer form={form} width={width} templates={templates} />
    </Box>
  );
}

function TemplateChoice({
  form,
  templates,
  width,
}: Pick<FormRowsProps, "form" | "templates"> & { readonly width: number }) {
  if (form.template === undefined) return <Waiting>asking the lab for its templates</Waiting>;
  const names = templateNames(form, templates.rows);
  return (
    <Choice options={names} value={form.template ?? noTemplate} focused={form.field === "template"} width={width} />
  );
}

/** Of the parameter on the cursor's line what it takes; else what can be written there. */
function configHint(form: ExperimentForm, { rows }: TemplatesState, width: number): string {
  const usual = "JSON; comments are allowed";
  const parameters = rows.find(({ name }) => name === form.template)?.parameters ?? [];
  const line = form.config.text.split("\n")[cursorPlace(form.config).line] ?? "";
  const parameter = form.field === "config" ? parameterOn(line, parameters) : undefined;
  return fit(parameter === undefined ? usual : parameterWords(parameter), width).trimEnd();
}

function description({ template }: ExperimentForm, templates: TemplatesState): string {
  if (template === undefined) return "Enter starts the first one as soon as they are here";
  if (template === null) {
    const why = templates.failure === null ? "" : ` The templates could not be read: ${templates.failure.message}`;
    return `Your own: the config names a "command" or a "script".${why}`;
  }
  return templates.rows.find((row) => row.name === template)?.description ?? "This lab has no template of that name.";
}

function SendRow({ form, width }: { readonly form: ExperimentForm; readonly width: number }) {
  const focused = form.field === "send";
  const isDraft = form.start === "draft";
  const label = isDraft ? "[ Keep as a draft ]" : "[ Start experiment ]";
  const does = isDraft ? "Enter keeps it: u queues it" : "Enter queues it";
  const summary = focused ? `  ${does}: ${form.compute}, ${form.priority} priority` : "";
  const { look } = useUi();
  return (
    <Box width={width} height={1} flexShrink={0}>
      <Label tone="text.accent">{focused ? `${glyph("cursor", look)} ` : "  "}</Label>
      <Label tone={focused ? "title.focus" : "text.muted"}>{label}</Label>
      <Label tone="text.muted">{summary.slice(0, Math.max(0, width - textWidth(label) - 2))}</Label>
    </Box>
  );
}

/** What is under way, or what the server said. */
function Answer({ form, templates, width }: Pick<FormRowsProps, "form" | "templates"> & { readonly width: number }) {
  if (form.sending) return <Waiting>waiting for the lab</Waiting>;
  if (form.failure !== null) {
    const { message, hint } = form.failure;
    return (
      <Line
        width={width}
        pieces={[["notice.bad", `Not queued: ${message}${hint === undefined ? "" : ` · ${hint}`}`]]}
      />
    );
  }
  if (form.sendWhenLoaded)
    return <Line width={width} pieces={[["notice.info", "Will be queued when the templates are here"]]} />;
  const count = Object.keys(shownProblems(form)).length;
  const said = count === 0 ? " " : `${count === 1 ? "One field needs" : `${count} fields need`} a change first`;
  return <Line width={width} pieces={[[templates.failure === null ? "notice.bad" : "notice.info", said]]} />;
}

/** Problems of what was edited; of everything once sending was tried. */
function shownProblems(form: ExperimentForm): FormProblems {
  const all = problemsOf(form);
  if (form.checked) return all;
  return Object.fromEntries(Object.entries(all).filter(([field]) => form.edited.includes(field)));
}

function badLine({ config }: ExperimentForm, { config: problem }: FormProblems): number | undefined {
  return problem?.offset === undefined ? undefined : placeOf(config.text, problem.offset).line - 1;
}
