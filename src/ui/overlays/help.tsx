import type { Command } from "../../app/command.js";
import { helpTable } from "../../app/key-table.js";
import { useApp, useUi } from "../hooks.js";
import { type CommandItem, type CommandItemContext, commandItem } from "../widgets/command-item.js";
import { Finder, type FinderRow } from "../widgets/finder.js";
import { search } from "../widgets/search.js";

const size = { width: 108, height: 40 };

/** Every command of the one table with its keys, grouped by where they work. Enter runs the chosen one. */
export function Help() {
  const { store, runner, look } = useUi();
  const state = useApp((whole) => whole);
  const close = () => store.dispatch({ type: "view/overlayClosed" });
  return (
    <Finder
      title="Help"
      size={size}
      placeholder="type what you want to do"
      keys={[
        { key: look.unicode ? "↑↓" : "Up Down", does: "choose" },
        { key: "Enter", does: "run it" },
        { key: "Esc", does: "close" },
      ]}
      find={(query) => helpRows(query, { state, look, keymap: runner.keymap })}
      onChoose={({ command }) => {
        close();
        void runner.run(command.id);
      }}
      onClose={close}
    />
  );
}

/** By scope, the focused pane first, while nothing is typed; else by how well they match. */
function helpRows(query: string, context: Omit<CommandItemContext, "query">): readonly FinderRow<CommandItem>[] {
  const { state, keymap } = context;
  const item = (command: Command) => commandItem(command, { ...context, query });
  const text = (command: Command) =>
    `${command.title} ${keymap.keysOf(command).join(" ")} ${command.about} ${command.id}`;
  if (query.trim() !== "") return search(query, keymap.commands, text).map(item);
  return helpTable(state, keymap).flatMap(({ title, rows }) => [
    { heading: title },
    ...rows.map(({ command }) => item(command)),
  ]);
}
