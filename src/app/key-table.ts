import { type Command, type CommandScope, reasonAgainst } from "./command.js";
import { keyLabel } from "./key-name.js";
import { commandForKey, type Keymap, scopesOf } from "./keymap.js";
import type { AppState } from "./store.js";

export interface FooterEntry {
  readonly command: Command;
  /** As a person reads it; of the terminal's own name it is `command.keys`. */
  readonly key: string;
  readonly label: string;
  /** Why it can't be run now; null when it can. */
  readonly reason: string | null;
}

/** What the footer lists: commands of the focused pane, of lists and of everywhere, those of the same order in that order. */
export function footerCommands(state: AppState, keymap: Keymap): readonly FooterEntry[] {
  const rank = (command: Command) => scopesOf(state.view.focus).indexOf(command.scope);
  return keymap.commands
    .filter((command) => command.footer !== undefined && rank(command) >= 0)
    .sort((a, b) => (a.footer?.order ?? 0) - (b.footer?.order ?? 0) || rank(a) - rank(b))
    .flatMap((command) => footerEntry(state, keymap, command));
}

function footerEntry(state: AppState, keymap: Keymap, command: Command): readonly FooterEntry[] {
  const key = keymap.keysOf(command)[0];
  if (key === undefined) return [];
  const reason = reasonAgainst(command, state);
  const meaning = commandForKey(state, key, keymap);
  // Another command has the key now, or it is out of place here (retry while the link is up, sort in the log).
  if (reason !== null && (command.scope === "everywhere" || command.scope === "lists")) return [];
  if (meaning.kind !== "unbound" && meaning.command !== command) return [];
  return [{ command, key: keyLabel(key), label: command.footer?.label ?? command.title, reason }];
}

export interface HelpRow {
  readonly command: Command;
  readonly keys: readonly string[];
  readonly reason: string | null;
}

export interface HelpSection {
  readonly scope: CommandScope;
  readonly title: string;
  readonly rows: readonly HelpRow[];
}

const sections: readonly (readonly [CommandScope, string])[] = [
  ["everywhere", "Everywhere"],
  ["lists", "Lists"],
  ["queue", "Queue"],
  ["log", "Log"],
  ["pods", "Pods"],
  ["chain", "Chain"],
  ["costs", "Costs"],
];

/** Every command by scope, with its keys as bound now; the focused pane's come first. */
export function helpTable(state: AppState, keymap: Keymap): readonly HelpSection[] {
  const here = (scope: CommandScope) => (scope === state.view.focus ? 0 : 1);
  return [...sections]
    .sort(([a], [b]) => here(a) - here(b))
    .map(([scope, title]) => ({
      scope,
      title,
      rows: keymap.commands
        .filter((command) => command.scope === scope)
        .map((command) => ({
          command,
          keys: keymap.keysOf(command).map((key) => keyLabel(key)),
          reason: reasonAgainst(command, state),
        })),
    }))
    .filter(({ rows }) => rows.length > 0);
}

/** The README's tables of keys, in Markdown. */
export function keysMarkdown(commands: readonly Command[]): string {
  return sections
    .map(([scope, title]) => ({ title, rows: commands.filter((command) => command.scope === scope) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows }) =>
      [`### ${title}`, "", "| key | action | |", "|---|---|---|", ...rows.map(markdownRow)].join("\n"),
    )
    .join("\n\n");
}

function markdownRow({ keys, title, about, id }: Command): string {
  const labels =
    keys.length === 0 ? `\`:${title.toLowerCase()}\`` : keys.map((key) => `\`${keyLabel(key)}\``).join(" ");
  return `| ${labels} | ${title} | ${about.replaceAll("|", "\\|")} (\`${id}\`) |`;
}
