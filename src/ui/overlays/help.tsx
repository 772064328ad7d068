import type { Command, CommandScope } from "../../app/command.js";
import type { PaneId } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import { useApp, useUi } from "../hooks.js";
import type { Look } from "../panes/pane.js";
import { type CommandItem, commandItem, scopeNames } from "../widgets/command-item.js";
import { Finder, type FinderRow } from "../widgets/finder.js";
import { search } from "../widgets/search.js";

const size = { width: 108, height: 40 };

/** Every command of the one table with its keys, grouped by where they work. Enter runs the chosen one. */
export function Help() {
  const { store, commands, run, look } = useUi();
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
      find={(query) => helpRows(query, commands, { state, look })}
      onChoose={({ command }) => {
        close();
        run(command.id);
      }}
      onClose={close}
    />
  );
}

/** Grouped, the focused pane first, while nothing is typed; else by how well they match. */
function helpRows(
  query: string,
  commands: readonly Command[],
  { state, look }: { readonly state: AppState; readonly look: Look },
): readonly FinderRow<CommandItem>[] {
  const item = (command: Command) => commandItem(command, { state, look, query });
  const text = ({ title, about, keys, id }: Command) => `${title} ${keys.join(" ")} ${about} ${id}`;
  if (query.trim() !== "") return search(query, commands, text).map(item);
  return scopesFrom(state.view.focus).flatMap((scope) => {
    const group = commands.filter((command) => command.scope === scope);
    return group.length === 0 ? [] : [{ heading: scopeNames[scope] }, ...group.map(item)];
  });
}

function scopesFrom(focus: PaneId): readonly CommandScope[] {
  const panes: readonly CommandScope[] = ["queue", "log", "pods", "chain"];
  return [focus, "lists", "everywhere", ...panes.filter((pane) => pane !== focus)];
}
