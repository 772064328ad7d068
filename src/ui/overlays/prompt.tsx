import { useState } from "react";
import { promptEntered, promptLabels, promptTyped } from "../../app/prompt.js";
import type { Overlay, PromptPurpose } from "../../app/slices/view.js";
import type { AppEvent, AppState } from "../../app/store.js";
import { fitText, textWidth } from "../../terminal/glyph-width.js";
import { useApp, useUi } from "../hooks.js";
import { newestFirst } from "../memory.js";
import { FootLine } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { editTextField, type TextFieldState, textEditOf, textField } from "../widgets/line-editor.js";
import { TextField } from "../widgets/text-field.js";
import { useKeys } from "../widgets/use-keys.js";
import { promptNote } from "./prompt-note.js";

const placeholders: Readonly<Record<PromptPurpose, string>> = {
  filter: "status:running gpu:h200 -title:test words",
  search: "regular expression",
  only: "regular expression",
  since: "15m, 2h or 03:10",
};

/** A line at the foot whose effect is seen while it is typed. Enter keeps it, Esc puts back what was there before. */
export function Prompt({ overlay }: { readonly overlay: Extract<Overlay, { kind: "prompt" }> }) {
  const { purpose, initial } = overlay;
  const { store, memory } = useUi();
  const state = useApp((whole) => whole);
  const [field, setField] = useState(textField(initial));
  const [before] = useState(() => undoOf(purpose, state));
  const history = useHistory(purpose, field, show);

  function show(next: TextFieldState): void {
    setField(next);
    if (next.text !== field.text) store.dispatchAll(promptTyped(purpose, next.text, store.api.getState()).events);
  }
  const type = (name: string, text: string) => {
    const edit = textEditOf(name, text);
    if (edit !== null) show(editTextField(field, edit));
  };
  const close: AppEvent = { type: "view/overlayClosed" };
  const keep = () => {
    const { typed } = memory.read();
    const { events, problem } = promptEntered(purpose, field.text, store.api.getState());
    if (problem !== null && events.length === 0) return;
    if (field.text !== "")
      memory.keep({ typed: { ...typed, [purpose]: newestFirst(typed[purpose] ?? [], field.text) } });
    store.dispatchAll([...events, close]);
  };
  useKeys(
    ({ name, text }) => {
      if (name === "esc") store.dispatchAll([...before, close]);
      else if (name === "enter") keep();
      else if (name === "up" || name === "ctrl-p") history(1);
      else if (name === "down" || name === "ctrl-n") history(-1);
      else type(name, text);
    },
    (text) => type("", text),
  );

  const name = ` ${promptLabels[purpose]}: `;
  const room = Math.max(0, state.view.columns - textWidth(name) - leastFieldColumns);
  const said = ` ${promptNote(purpose, field.text, state)} `;
  const keys = "  Enter keeps  Esc undoes ";
  const note = clip(textWidth(said + keys) <= room ? said + keys : said, room);
  return (
    <FootLine>
      <Label tone="text.accent">{name}</Label>
      <TextField
        state={field}
        width={Math.max(1, state.view.columns - textWidth(name) - textWidth(note))}
        focused
        placeholder={placeholders[purpose]}
      />
      <Label tone="text.muted">{note}</Label>
    </FootLine>
  );
}

/** What the text being typed keeps of the line beside a long note. */
const leastFieldColumns = 24;

/** Cut to at most `width` columns. */
const clip = (text: string, width: number) => fitText(text, Math.min(width, textWidth(text)));

/** Up goes to older lines, down back to what was being typed. */
function useHistory(purpose: PromptPurpose, field: TextFieldState, show: (next: TextFieldState) => void) {
  const { memory } = useUi();
  const [at, setAt] = useState({ position: -1, typed: "" });
  return (step: 1 | -1) => {
    const lines = memory.read().typed[purpose] ?? [];
    const position = Math.max(-1, Math.min(at.position + step, lines.length - 1));
    if (position === at.position) return;
    const typed = at.position === -1 ? field.text : at.typed;
    setAt({ position, typed });
    show(textField(position === -1 ? typed : (lines[position] ?? "")));
  };
}

/** What puts everything back exactly as it is now, the current hit and `&` included. */
function undoOf(purpose: PromptPurpose, { view, experiments, pods, log }: AppState): readonly AppEvent[] {
  switch (purpose) {
    case "filter":
      return view.focus === "pods"
        ? [{ type: "pods/filtered", filter: pods.filter }]
        : [{ type: "experiments/filtered", filter: experiments.filter }];
    case "search":
    case "only":
      return [{ type: "log/searched", search: log.search }];
    case "since":
      return [];
  }
}
