import type { Connection } from "../contract/connection.js";
import type { PaneId } from "./slices/view.js";
import type { AppState, Dispatch } from "./store.js";

/** What a command may touch. `ask` is the outside world that is not the connection: clipboard, editor, leaving. */
export interface CommandContext {
  readonly state: AppState;
  readonly dispatch: Dispatch;
  /** null until attached; commands that need it say so in `disabledReason`. */
  readonly connection: Connection | null;
  readonly host: Host;
  /** True when the person has answered the command's question. */
  readonly confirmed: boolean;
  readonly nowMs: number;
}

/** The terminal and the machine the room runs on, as far as commands need them. */
export interface Host {
  /** OSC 52; false when the text is too long for the terminal. */
  copy(text: string): boolean;
  /** Opens $EDITOR on a text and answers the edited one, null when nothing was changed. */
  edit(text: string, extension: string): Promise<string | null>;
  saveFile(name: string, text: string): Promise<string>;
  leave(): void;
  suspend(): void;
  redraw(): void;
}

export type CommandScope = "everywhere" | "lists" | PaneId;

export interface Command {
  /** `noun.verb`; stable, used in config key bindings. */
  readonly id: `${string}.${string}`;
  readonly title: string;
  /** One sentence for help and docs. */
  readonly about: string;
  /** Default keys, in the terminal layer's names (`j`, `ctrl-c`, `shift-tab`, `enter`). The first is shown. */
  readonly keys: readonly string[];
  readonly scope: CommandScope;
  /** Changes something on the server: not bound at all with --readonly. */
  readonly changes?: boolean;
  /** Shown in the footer of its scope, in this order (smaller first); absent: only in help and palette. */
  readonly footer?: { readonly order: number; readonly label: string };
  /** Why it can't run now; null when it can. Short: the footer shows it. */
  readonly disabledReason?: (state: AppState) => string | null;
  /** Asked before it runs, when not null: `y` for a stop, a typed word for what can't be undone. */
  readonly confirm?: (state: AppState) => { question: string; effect: string; typed?: string } | null;
  readonly run: (context: CommandContext) => Promise<void> | void;
}

/** Identity, for inference and for grep: every command in the app is a defineCommand call. */
export function defineCommand(command: Command): Command {
  return command;
}
