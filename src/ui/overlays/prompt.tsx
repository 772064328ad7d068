import { useState } from "react";
import { toPattern } from "../../app/selectors/log-search.js";
import { parseSince, sinceMoved } from "../../app/since.js";
import type { Overlay, PromptPurpose } from "../../app/slices/view.js";
import type { AppEvent, AppState } from "../../app/store.js";
import { textWidth } from "../../terminal/glyph-width.js";
import { useApp, useUi } from "../hooks.js";
import { newestFirst } from "../memory.js";
import { FootLine } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { editTextField, type TextFieldState, textEditOf, textField } from "../widgets/line-editor.js";
import { TextField } from "../widgets/text-field.js";
import { useKeys } from "../widgets/use-keys.js";
import { promptNote } from "./prompt-note.js";

const names: Readonly<Record<PromptPurpose, string>> = {
  filter: "Filter",
  search: "Search",
  only: "Only lines with",
  since: "Since",
};

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
    if (next.text !== field.text) store.dispatchAll(previewOf(purpose, next.text, store.api.getState()));
  }
  const type = (name: string, text: string) => {
    const edit = textEditOf(name, text);
    if (edit !== null) show(editTextField(field, edit));
  };
  const close: AppEvent = { type: "view/overlayClosed" };
  const keep = () => {
    const { typed } = memory.read();
    if (field.text !== "")
      memory.keep({ typed: { ...typed, [purpose]: newestFirst(typed[purpose] ?? [], field.text) } });
    store.dispatch(close);
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

  const name = ` ${names[purpose]}: `;
  const note = ` ${promptNote(purpose, field.text, state)}  Enter keeps  Esc undoes `;
  const { columns } = state.view;
  const withNote = columns - textWidth(name) - textWidth(note) >= 20;
  return (
    <FootLine>
      <Label tone="text.accent">{name}</Label>
      <TextField
        state={field}
        width={Math.max(1, columns - textWidth(name) - (withNote ? textWidth(note) : 0))}
        focused
        placeholder={placeholders[purpose]}
      />
      {withNote ? <Label tone="text.muted">{note}</Label> : null}
    </FootLine>
  );
}

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

/** What shows the effect of a text. */
function previewOf(purpose: PromptPurpose, text: string, state: AppState): readonly AppEvent[] {
  const { log, view } = state;
  switch (purpose) {
    case "filter":
      return [{ type: view.focus === "pods" ? "pods/filtered" : "experiments/filtered", filter: text }];
    case "search":
    case "only": {
      const { problem } = toPattern(text);
      const search = { pattern: text, only: purpose === "only", problem, hits: 0, current: -1 };
      return [{ type: "log/searched", search: text === "" ? null : search }];
    }
    case "since": {
      const windowMs = parseSince(text, view.nowMs);
      return windowMs === null ? [] : [sinceMoved(log, view.nowMs, windowMs)];
    }
  }
}

/** What puts everything back as it is now. */
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
      return log.following
        ? [{ type: "log/followed", following: true }]
        : [
            {
              type: "log/scrolled",
              topIndex: log.topIndex,
              topPart: log.topPart,
              ...(log.sinceMs === null ? {} : { sinceMs: log.sinceMs }),
            },
          ];
  }
}
