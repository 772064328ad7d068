import type { Notice } from "../../app/slices/actions.js";
import type { Tone } from "../../theme/tones.js";
import { useApp, useUi } from "../hooks.js";
import { wrapWords } from "../paint/columns.js";
import { timeOfDay } from "../paint/number-format.js";
import { Dialog } from "../widgets/dialog.js";
import { Label } from "../widgets/label.js";
import { Line } from "../widgets/line.js";
import { Scroll } from "../widgets/scroll.js";

const size = { width: 100, height: 24 };
/** `09:41:07` and two blanks. */
const timeColumns = 10;
const tones: Readonly<Record<Notice["tone"], Tone>> = { good: "notice.good", bad: "notice.bad", info: "text.primary" };

/** What was done here and what the server said, newest first, in full: the footer shows a notice for a few seconds and cut. */
export function Activity() {
  const { store } = useUi();
  const history = useApp((state) => state.actions.history);
  return (
    <Dialog
      title="Activity"
      note={`${history.length} in this session`}
      {...size}
      keys={[{ key: "Esc", does: "close" }]}
    >
      {({ width, height }) => (
        <Scroll
          width={width}
          height={height}
          onKey={(name) => {
            if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
          }}
        >
          {history.length === 0 ? <Label tone="text.muted">Nothing was done yet.</Label> : null}
          {history.map((notice) => (
            <Entry key={notice.id} notice={notice} width={width} />
          ))}
        </Scroll>
      )}
    </Dialog>
  );
}

function Entry({ notice: { text, tone, at }, width }: { readonly notice: Notice; readonly width: number }) {
  return wrapWords(text, width - timeColumns).map((line, index) => (
    <Line
      key={index}
      width={width}
      pieces={[
        ["text.muted", (index === 0 ? timeOfDay(at, 8) : "").padEnd(timeColumns)],
        [tones[tone], line],
      ]}
    />
  ));
}
