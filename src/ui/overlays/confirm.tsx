import { Box } from "ink";
import { useState } from "react";
import type { Overlay } from "../../app/slices/view.js";
import { useUi } from "../hooks.js";
import { wrapWords } from "../paint/columns.js";
import { Dialog } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { Question } from "../widgets/question.js";
import { useKeys } from "../widgets/use-keys.js";

const columns = 64;
/** Border, two blanks between the parts and the last line. */
const otherRows = 5;

/** Asks before something is stopped. Only `y` does it; Enter never does, so that a held Enter can't. */
export function Confirm({ overlay }: { readonly overlay: Extract<Overlay, { kind: "confirm" }> }) {
  const { store, runner } = useUi();
  const { question, effect } = overlay;
  const [said, setSaid] = useState("");
  useKeys(({ name }) => {
    if (name === "y") void runner.answerYes();
    else if (name === "n" || name === "esc") store.dispatch({ type: "view/overlayClosed" });
    else if (name === "enter") setSaid("Enter does nothing here: press y or n");
    else setSaid("Press y or n");
  });
  const lines = wrapWords(question, columns - 4).length + wrapWords(effect, columns - 4).length;
  return (
    <Dialog
      title="Confirm"
      width={columns}
      height={lines + otherRows}
      tone="notice.bad"
      keys={[
        { key: "y", does: "yes, do it" },
        { key: "n", does: "no" },
        { key: "Esc", does: "no" },
      ]}
    >
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Question question={question} effect={effect} width={width} />
          <Box marginTop={1}>
            <Label tone="notice.info">{said === "" ? " " : said}</Label>
          </Box>
        </Box>
      )}
    </Dialog>
  );
}
