import { Box } from "ink";
import type { ReactNode } from "react";
import type { Pod } from "../../../contract/pod.js";
import type { LabSettings } from "../../../contract/settings.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import { useApp, useUi } from "../../hooks.js";
import { type Piece, wrapWords } from "../../paint/columns.js";
import { glyph } from "../../paint/look.js";
import { Choice } from "../../widgets/choice.js";
import type { DialogSize } from "../../widgets/dialog.js";
import { FieldRow } from "../../widgets/field-row.js";
import { Label } from "../../widgets/label.js";
import { Line } from "../../widgets/line.js";
import { firstVisible } from "../../widgets/list.js";
import { TextField } from "../../widgets/text-field.js";
import { Waiting } from "../../widgets/waiting.js";
import {
  numberOf,
  numberRules,
  onOff,
  type PolicyField,
  type PolicyForm,
  podChanges,
  podRules,
  policyFields,
  policyProblems,
  settingsChanges,
  switchOf,
  textOf,
} from "./form.js";

const nameColumns = 16;
/** The button and the answer. */
const fixedRows = 2;
/** Money takes two lines, more where the screen is narrow. */
export const wantedHeight = policyFields.length - 1 + fixedRows + 2 + 2;

const labels: Readonly<Record<Exclude<PolicyField, "save">, string>> = {
  pod: "This pod",
  idleAlertMinutes: "Idle alert",
  autoStopIdleHours: "Auto-stop",
  autoStopForeignPods: "Foreign pods",
  autoScheduleEnabled: "Auto-schedule",
  budgetMonthlyUsd: "Budget",
  budgetWarnPercent: "Warn at",
  budgetHardLimitUsd: "Hard limit",
};

const notes: Readonly<Record<Exclude<PolicyField, "save">, string>> = {
  pod: "",
  idleAlertMinutes: "minutes without work",
  autoStopIdleHours: "hours without work; never terminated",
  autoStopForeignPods: "stop those too that the lab did not make",
  autoScheduleEnabled: "put queued work on idle pods unasked",
  budgetMonthlyUsd: "USD a month",
  budgetWarnPercent: "% of the budget",
  budgetHardLimitUsd: "USD a month: the queue pauses, nothing stops",
};

interface PolicyRowsProps {
  readonly form: PolicyForm;
  readonly settings: LabSettings | null;
  readonly pod: Pod | undefined;
  readonly size: DialogSize;
}

export function PolicyRows({ form, settings, pod, size: { width, height } }: PolicyRowsProps) {
  const fields = policyFields.filter(
    (field): field is Exclude<PolicyField, "save"> => field !== "save" && (field !== "pod" || pod !== undefined),
  );
  const money = useMoneyLines({ form, settings, pod, width });
  if (settings === null) return <Waiting>asking the lab for its settings</Waiting>;
  const room = Math.max(1, height - fixedRows - money.length);
  const gap = room >= fields.length + 2 ? 1 : 0;
  const shown = Math.min(fields.length, room);
  const at = form.field === "save" ? fields.length - 1 : fields.indexOf(form.field);
  const first = firstVisible(fields.length, at, shown);
  return (
    <Box flexDirection="column" width={width} height={height}>
      {fields.slice(first, first + shown).map((field) => (
        <PolicyRow key={field} field={field} form={form} settings={settings} width={width} />
      ))}
      <Box height={gap} flexShrink={0} />
      {money.map((piece, index) => (
        <Line key={index} width={width} pieces={[["text.primary", "  "], piece]} />
      ))}
      <Box height={gap} flexShrink={0} />
      <SaveRow form={form} settings={settings} width={width} />
      <Answer form={form} width={width} />
    </Box>
  );
}

interface RowProps {
  readonly field: Exclude<PolicyField, "save">;
  readonly form: PolicyForm;
  readonly settings: LabSettings;
  readonly width: number;
}

function PolicyRow({ field, form, settings, width }: RowProps) {
  const isBad = policyProblems(form).some((other) => other === field);
  const focused = form.field === field;
  const problem = isBad && field in numberRules ? numberRules[field as keyof typeof numberRules].problem : undefined;
  return (
    <FieldRow name={labels[field]} columns={nameColumns} focused={focused} problem={problem} width={width}>
      {valueOf({ field, form, settings, width: width - nameColumns }, focused)}
      {isBad ? null : <Label tone="text.muted">{`  ${notes[field]}`}</Label>}
    </FieldRow>
  );
}

function valueOf({ field, form, settings, width }: RowProps, focused: boolean): ReactNode {
  switch (field) {
    case "pod":
      return <Choice options={podRules} value={form.podRule} focused={focused} width={width} />;
    case "autoStopForeignPods":
    case "autoScheduleEnabled": {
      const value = switchOf(form, field, settings) ? "on" : "off";
      return <Choice options={onOff} value={value} focused={focused} width={width} />;
    }
    default:
      return (
        <TextField
          state={textOf(form, field, settings)}
          width={10}
          focused={focused}
          placeholder={numberRules[field].empty ?? ""}
        />
      );
  }
}

interface MoneyProps extends Omit<PolicyRowsProps, "size"> {
  readonly width: number;
}

/** What the rules come to in money: of an idle pod, and of this month. Whole, however narrow it is. */
function useMoneyLines({ form, settings, pod, width }: MoneyProps): readonly Piece[] {
  const burn = useApp((state) => state.costs.costs);
  if (settings === null) return [];
  const hours = numberOf(textOf(form, "autoStopIdleHours", settings).text, "autoStopIdleHours");
  const budget = numberOf(textOf(form, "budgetMonthlyUsd", settings).text, "budgetMonthlyUsd");
  const month = `This month ${usd(burn?.summary.totalUsd ?? null, { estimate: burn?.estimated ?? false })}`;
  const projected = `${usd(burn?.projectedMonthUsd ?? null, { estimate: true })} expected at its end`;
  const limit = typeof budget === "number" ? ` of ${usd(budget)}` : "";
  const lines = (tone: Piece[0], text: string) => wrapWords(text, width - 2).map((line): Piece => [tone, line]);
  return [...lines("money", idleCost(pod, hours)), ...lines("text.muted", `${month}${limit} · ${projected}`)];
}

function idleCost(pod: Pod | undefined, hours: number | null | undefined): string {
  if (hours === undefined) return "";
  const name = pod?.name ?? "an idle pod";
  const price = pod?.costPerHourUsd ?? null;
  if (hours === null) return `Idle, ${name} costs ${usd(price)}/h until someone stops it`;
  const most = price === null ? null : price * hours;
  return `Idle, ${name} costs ${usd(price)}/h: ${usd(most)} until it stops after ${longDuration(hours * 3_600_000)}`;
}

function SaveRow({ form, settings, width }: { form: PolicyForm; settings: LabSettings; width: number }) {
  const { look } = useUi();
  const focused = form.field === "save";
  const count = Object.keys(settingsChanges(form, settings) ?? {}).length + (podChanges(form) === null ? 0 : 1);
  const said =
    count === 0 ? "nothing is changed yet" : `Enter saves ${count === 1 ? "one change" : `${count} changes`}`;
  return (
    <Line
      width={width}
      pieces={[
        ["text.accent", focused ? `${glyph("cursor", look)} ` : "  "],
        [focused ? "title.focus" : "text.muted", "[ Save ]"],
        ["text.muted", focused ? `  ${said}` : ""],
      ]}
    />
  );
}

function Answer({ form, width }: { readonly form: PolicyForm; readonly width: number }) {
  if (form.saving) return <Waiting>waiting for the lab</Waiting>;
  if (form.failure === null) return <Line width={width} pieces={[["text.muted", " "]]} />;
  const { message, hint } = form.failure;
  return (
    <Line width={width} pieces={[["notice.bad", `Not saved: ${message}${hint === undefined ? "" : ` · ${hint}`}`]]} />
  );
}
