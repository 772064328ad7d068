import { Box } from "ink";
import { useState } from "react";
import type { Overlay } from "../../app/slices/view.js";
import { useApp, useUi } from "../hooks.js";
import { newestFirst } from "../memory.js";
import { columnsOf, fit } from "../paint/columns.js";
import { Dialog, dialogInnerWidth } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { editTextField, textEditOf, textField } from "../widgets/line-editor.js";
import { Question, questionLines } from "../widgets/question.js";
import { TextField } from "../widgets/text-field.js";
import { useKeys } from "../widgets/use-keys.js";

const columns = 76;
/** Border, a blank, the field and what is said about it. */
const otherRows = 5;

/** Asks for a line before a command runs: a note, a name. What was written is kept, should the lab refuse it: Up brings it back. */
export function Write({ overlay }: { readonly overlay: Extract<Overlay, { kind: "write" }> }) {
  const { store, runner, memory, look } = useUi();
  const { commandId, writes } = overlay;
  const [field, setField] = useState(textField(writes.initial));
  const [said, setSaid] = useState("");
  const screenColumns = useApp((state) => state.view.columns);
  const wanted = questionLines(overlay, dialogInnerWidth(columns, screenColumns)).length;
  const type = (name: string, text: string) => {
    const edit = textEditOf(name, text);
    if (edit === null) return;
    setField((state) => editTextField(state, edit));
    setSaid("");
  };
  const answer = () => {
    const text = field.text.trim();
    if (text === "") {
      setSaid("Write something first");
      return;
    }
    const { typed } = memory.read();
    memory.keep({ typed: { ...typed, [commandId]: newestFirst(typed[commandId] ?? [], text) } });
    void runner.answerYes(text);
  };
  useKeys(
    ({ name, text }) => {
      if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
      else if (name === "enter") answer();
      else if (name === "up") setField(textField(memory.read().typed[commandId]?.[0] ?? field.text));
      else type(name, text);
    },
    (text) => type("", text.replaceAll(/\s+/g, " ")),
  );
  const labelColumns = columnsOf(writes.label) + 2;
  return (
    <Dialog
      title={writes.label}
      width={columns}
      height={wanted + otherRows}
      keys={[
        { key: "Enter", does: "do it" },
        { key: look.unicode ? "↑" : "Up", does: "the last one" },
        { key: "Esc", does: "no" },
      ]}
    >
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Question lines={questionLines(overlay, width)} width={width} height={Math.max(1, height - 3)} top={0} />
          <Box flexGrow={1} />
          <Box flexShrink={0}>
            <Label tone="text.muted">{fit(writes.label, labelColumns)}</Label>
            <TextField
              state={field}
              width={Math.max(1, width - labelColumns)}
              focused
              placeholder={writes.placeholder}
            />
          </Box>
          <Label tone="notice.bad">{said === "" ? " " : said}</Label>
        </Box>
      )}
    </Dialog>
  );
}
