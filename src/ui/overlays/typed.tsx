import { Box } from "ink";
import { useState } from "react";
import type { Overlay } from "../../app/slices/view.js";
import { useApp, useUi } from "../hooks.js";
import { Dialog, dialogInnerWidth } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { editTextField, textEditOf, textField } from "../widgets/line-editor.js";
import { Question, questionLines, questionScrolled } from "../widgets/question.js";
import { TextField } from "../widgets/text-field.js";
import { useKeys } from "../widgets/use-keys.js";

/** With effects under their names the box is wider. */
const columnsOf = (overlay: { readonly details?: unknown }) => (overlay.details === undefined ? 64 : 76);
/** Border, a blank, the word asked for, the field and what is said about it. */
const otherRows = 6;

/** Asks for a word before something is gone for good. Enter does it only when the word is exactly right. */
export function Typed({ overlay }: { readonly overlay: Extract<Overlay, { kind: "typed" }> }) {
  const { store, runner } = useUi();
  const { expected } = overlay;
  const [field, setField] = useState(textField(""));
  const [said, setSaid] = useState("");
  const [top, setTop] = useState(0);
  const screenColumns = useApp((state) => state.view.columns);
  const columns = columnsOf(overlay);
  const wanted = questionLines(overlay, dialogInnerWidth(columns, screenColumns)).length;
  const type = (name: string, text: string) => {
    const edit = textEditOf(name, text);
    if (edit === null) return;
    setField((state) => editTextField(state, edit));
    setSaid("");
  };
  useKeys(
    ({ name, text }) => {
      const moved = questionScrolled(name, top, wanted);
      if (moved !== undefined) setTop(moved);
      else if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
      else if (name !== "enter") type(name, text);
      else if (field.text === expected) void runner.answerYes();
      else setSaid(field.text === "" ? `Type ${expected} first` : `That is not ${expected}: nothing was done`);
    },
    (text) => type("", text.trim()),
  );
  return (
    <Dialog
      title="This can't be undone"
      width={columns}
      height={wanted + otherRows}
      tone="notice.bad"
      keys={[
        { key: "Enter", does: "do it, when the word is right" },
        { key: "Esc", does: "no" },
      ]}
    >
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Question lines={questionLines(overlay, width)} width={width} height={Math.max(1, height - 4)} top={top} />
          <Box flexGrow={1} />
          <Box flexShrink={0}>
            <Label>
              Type <Label tone="text.strong">{expected}</Label> and press Enter
            </Label>
          </Box>
          <Box flexShrink={0}>
            <Label tone="text.accent">{"> "}</Label>
            <TextField state={field} width={width - 2} focused />
          </Box>
          <Label tone="notice.bad">{said === "" ? " " : said}</Label>
        </Box>
      )}
    </Dialog>
  );
}
