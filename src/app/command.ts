import type { Connection } from "../contract/connection.js";
import type { Question } from "./question.js";
import type { PaneId } from "./slices/view.js";
import type { SshFiles } from "./ssh-command.js";
import type { AppState, Dispatch } from "./store.js";

/** What a command may touch. `host` is the outside world that is not the connection: clipboard, editor, leaving. */
export interface CommandContext {
  readonly state: AppState;
  readonly dispatch: Dispatch;
  /** null until attached; commands that name a `port` are not run then. */
  readonly connection: Connection | null;
  readonly host: Host;
  /** True when the person has answered the command's question. */
  readonly confirmed: boolean;
  /** Document ids it acts on: from `targets`, and as they were when the question was asked. */
  readonly targets: readonly string[];
  /** Id of the option that was chosen; null where there was no choice. */
  readonly choice: string | null;
  readonly nowMs: number;
  /** For what is pending: an id that no other action of this session has. */
  readonly nextActionId: () => number;
}

/** The terminal and the machine the room runs on, as far as commands need them. */
export interface Host {
  /** OSC 52; false when the text is too long for the terminal. */
  copy(text: string): boolean;
  /** Opens $EDITOR on a text and answers the edited one, null when nothing was changed. */
  edit(text: string, extension: string): Promise<string | null>;
  /**
   * Lends the terminal to a program until it ends; `title` is said above it. Answers its exit code (null: a signal) and the last it
   * wrote to stderr.
   */
  shell(argv: readonly string[], title: string): Promise<{ readonly code: number | null; readonly lastError: string }>;
  /** The lab's own ssh key and known hosts, where the lab is on this machine and has them. */
  sshFiles(): SshFiles;
  /** Answers the path it was written to. */
  saveFile(name: string, text: string): Promise<string>;
  /** The same of bytes as they come; nothing is left of what breaks off. */
  saveBytes(name: string, chunks: AsyncIterable<Uint8Array>): Promise<string>;
  leave(): void;
  /** Tries to reach the lab at once, attached or not yet. */
  retry(): void;
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
  /** Port method it calls (`experiments.cancel`): it can't run without a live link, nor where the connection lacks it. */
  readonly port?: string;
  /** Shown in the footer of its scope, in this order (smaller first); absent: only in help and palette. */
  readonly footer?: { readonly order: number; readonly label: string };
  /** Why it can't run now; null when it can. Short: the footer shows it. `reasonAgainst` adds what `port` asks for. */
  readonly disabledReason?: (state: AppState) => string | null;
  /** Document ids it acts on. */
  readonly targets?: (state: AppState) => readonly string[];
  /** Asked before it runs, when not null: `y` for a stop, a typed word for what can't be undone, one of a few options. */
  readonly confirm?: (state: AppState) => Question | null;
  readonly run: (context: CommandContext) => Promise<void> | void;
}

/** Identity, for inference and for grep: every command in the app is a defineCommand call. */
export function defineCommand(command: Command): Command {
  return command;
}

/** Why a command can't run now, all told; null when it can. */
export function reasonAgainst(command: Command, state: AppState): string | null {
  if (command.changes === true && state.link.readOnly) return "read-only";
  if (command.port !== undefined) {
    const { link, lab, missing } = state.link;
    if (link.state === "lost") return "link lost";
    if (lab === null || link.state === "connecting") return "not connected yet";
    const why = missing[command.port];
    if (why !== undefined) return why;
  }
  return command.disabledReason?.(state) ?? null;
}
