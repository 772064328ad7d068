import { Box } from "ink";
import { useState } from "react";
import type { Overlay } from "../../app/slices/view.js";
import { useApp, useUi } from "../hooks.js";
import { Dialog, dialogInnerWidth } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { Question, questionLines, questionScrolled } from "../widgets/question.js";
import { useKeys } from "../widgets/use-keys.js";

/** With effects under their names the box is wider. */
const columnsOf = (overlay: { readonly details?: unknown }) => (overlay.details === undefined ? 64 : 76);
/** Border, a blank and the last line. */
const otherRows = 4;

/** Asks before something is stopped. Only `y` does it; Enter never does, so that a held Enter can't. */
export function Confirm({ overlay }: { readonly overlay: Extract<Overlay, { kind: "confirm" }> }) {
  const { store, runner } = useUi();
  const [said, setSaid] = useState("");
  const [top, setTop] = useState(0);
  const screenColumns = useApp((state) => state.view.columns);
  const columns = columnsOf(overlay);
  const wanted = questionLines(overlay, dialogInnerWidth(columns, screenColumns)).length;
  useKeys(({ name }) => {
    const moved = questionScrolled(name, top, wanted);
    if (moved !== undefined) setTop(moved);
    else if (name === "y") void runner.answerYes();
    else if (name === "n" || name === "esc") store.dispatch({ type: "view/overlayClosed" });
    else setSaid(name === "enter" ? "Enter does nothing here: press y or n" : "Press y or n");
  });
  return (
    <Dialog
      title="Confirm"
      width={columns}
      height={wanted + otherRows}
      tone="notice.bad"
      keys={[
        { key: "y", does: "yes, do it" },
        { key: "n", does: "no" },
        { key: "Esc", does: "no" },
      ]}
    >
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Question lines={questionLines(overlay, width)} width={width} height={Math.max(1, height - 2)} top={top} />
          <Box flexGrow={1} />
          <Label tone="notice.info">{said === "" ? " " : said}</Label>
        </Box>
      )}
    </Dialog>
  );
}
