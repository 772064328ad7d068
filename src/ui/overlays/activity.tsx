import { Box } from "ink";
import { useState } from "react";
import { useApp, useUi } from "../hooks.js";
import { count } from "../paint/number-format.js";
import { Dialog, type DialogSize } from "../widgets/dialog.js";
import { Line } from "../widgets/line.js";
import { Lines } from "../widgets/lines.js";
import { tabMoved, tabPieces } from "../widgets/tabs.js";
import { noticeLines, noticePieces } from "./activity/done-here.js";
import { LabFeed } from "./activity/lab-feed.js";

const size = { width: 110, height: 32 };
const tabs = ["lab", "here"] as const;
type ActivityTab = (typeof tabs)[number];
const titles: Readonly<Record<ActivityTab, string>> = { lab: "In the lab", here: "Done here" };
/** The tabs and a blank row; the foot with what was done here last. */
const headRows = 2;
const footRows = 2;

/**
 * What happens in the lab, by whomever, live; and what was done in this session with what the server said, in full: the footer
 * shows that for a few seconds and cut.
 */
export function Activity() {
  const { look } = useUi();
  const missing = useApp(({ link }) => link.missing["activity.watch"]);
  const history = useApp((state) => state.actions.history);
  const held = useApp((state) => state.activity.rows.length);
  const [tab, setTab] = useState<ActivityTab>(missing === undefined ? "lab" : "here");
  return (
    <Dialog
      title="Activity"
      note={tab === "lab" ? `last ${count(held)}` : `${count(history.length)} in this session`}
      {...size}
      keys={[
        { key: "Tab 1-2", does: "parts" },
        { key: look.unicode ? "↑↓" : "Up Down", does: "move" },
        ...(tab === "lab" ? [{ key: "Enter", does: "go there" }] : []),
        { key: "Esc", does: "close" },
      ]}
    >
      {({ width, height }) => (
        <Box flexDirection="column" width={width} height={height}>
          <Line width={width} pieces={tabPieces(tabs, titles, tab)} />
          <Box marginTop={1} flexDirection="column">
            <Tab tab={tab} width={width} height={height} onTab={setTab} />
          </Box>
        </Box>
      )}
    </Dialog>
  );
}

interface TabProps extends DialogSize {
  readonly tab: ActivityTab;
  readonly onTab: (tab: ActivityTab) => void;
}

function Tab({ tab, width, height, onTab }: TabProps) {
  const { store } = useUi();
  const history = useApp((state) => state.actions.history);
  const onKey = (name: string) => {
    const moved = tabMoved(tabs, tab, name);
    if (moved !== undefined) onTab(moved);
    else if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
  };
  const [last] = history;
  if (tab === "here") {
    const room = Math.max(1, height - headRows);
    return <Lines key={tab} lines={noticeLines(history, width)} width={width} height={room} onKey={onKey} />;
  }
  const room = Math.max(1, height - headRows - (last === undefined ? 0 : footRows));
  return (
    <>
      <LabFeed key={tab} width={width} height={room} onKey={onKey} />
      {last === undefined ? null : (
        <Box marginTop={1} flexShrink={0}>
          <Line width={width} pieces={[["text.muted", "here "], ...noticePieces(last)]} />
        </Box>
      )}
    </>
  );
}
