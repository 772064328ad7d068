import { type Command, type CommandScope, reasonAgainst } from "./command.js";
import { keyLabel, normaliseKey } from "./key-name.js";
import type { PaneId } from "./slices/view.js";
import type { AppState } from "./store.js";

/** Key bindings of the person's config: command id → keys instead of the default ones; an empty list unbinds. */
export type KeyOverrides = Readonly<Record<string, string | readonly string[]>>;

export interface Keymap {
  /** Every command that may be run, bound or not, in the order of the list. */
  readonly commands: readonly Command[];
  keysOf(command: Command): readonly string[];
  byId(id: string): Command | undefined;
  /** Commands on a key, the most special scope first. */
  bound(key: string, focus: PaneId): readonly Command[];
}

export interface KeymapOptions {
  readonly overrides?: KeyOverrides;
  /** Leaves out what changes anything on the server. */
  readonly readOnly?: boolean;
}

/** A keymap, or everything that is wrong with the bindings, each in one sentence. */
export type KeymapResult =
  | { readonly ok: true; readonly keymap: Keymap }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Builds the keymap. The same key twice in a scope is refused, and so is an override for a command that does not exist. */
export function buildKeymap(
  commands: readonly Command[],
  { overrides = {}, readOnly = false }: KeymapOptions = {},
): KeymapResult {
  const keys = new Map(commands.map((command) => [command, boundKeys(command, overrides)]));
  const problems = [...unknownIds(commands, overrides), ...conflicts(commands, keys)];
  if (problems.length > 0) return { ok: false, problems };

  const offered = commands.filter((command) => !(readOnly && command.changes === true));
  const byId = new Map(offered.map((command) => [command.id as string, command]));
  const byKey = new Map<string, Command>();
  for (const command of offered)
    for (const key of keys.get(command) ?? []) byKey.set(`${command.scope} ${key}`, command);
  const keymap: Keymap = {
    commands: offered,
    keysOf: (command) => keys.get(command) ?? [],
    byId: (id) => byId.get(id),
    bound: (key, focus) => scopesOf(focus).flatMap((scope) => byKey.get(`${scope} ${normaliseKey(key)}`) ?? []),
  };
  return { ok: true, keymap };
}

/** Scopes that a key is looked for in, while a pane has the focus. */
export function scopesOf(focus: PaneId): readonly CommandScope[] {
  return [focus, "lists", "everywhere"];
}

function boundKeys(command: Command, overrides: KeyOverrides): readonly string[] {
  const own = Object.hasOwn(overrides, command.id) ? overrides[command.id] : undefined;
  const keys = own ?? command.keys;
  return (typeof keys === "string" ? [keys] : keys).map(normaliseKey);
}

function unknownIds(commands: readonly Command[], overrides: KeyOverrides): readonly string[] {
  const known = commands.map(({ id }) => id as string);
  return Object.keys(overrides)
    .filter((id) => !known.includes(id))
    .map((id) => {
      const near = known.find((other) => other.toLowerCase() === id.toLowerCase()) ?? nearest(known, id);
      return `keys: there is no action "${id}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
    });
}

/** One of the same noun, or with the same verb. */
function nearest(known: readonly string[], id: string): string | undefined {
  const [noun = "", verb = ""] = id.split(".");
  return (
    known.find((other) => verb !== "" && other.endsWith(`.${verb}`)) ??
    known.find((other) => other.startsWith(`${noun}.`))
  );
}

function conflicts(commands: readonly Command[], keys: ReadonlyMap<Command, readonly string[]>): readonly string[] {
  const taken = new Map<string, Command>();
  const problems: string[] = [];
  for (const command of commands) {
    for (const key of keys.get(command) ?? []) {
      const place = `${command.scope} ${key}`;
      const other = taken.get(place);
      if (other !== undefined && other !== command) {
        problems.push(`keys: ${keyLabel(key)} is both "${other.id}" and "${command.id}" (${command.scope})`);
      }
      taken.set(place, command);
    }
  }
  return problems;
}

/** What a key does now. `refused` names the command that has the key but can't run, and why. */
export type KeyMeaning =
  | { readonly kind: "run"; readonly command: Command }
  | { readonly kind: "refused"; readonly command: Command; readonly reason: string }
  | { readonly kind: "unbound" };

/** The first command on the key that can run: of the focused pane, then of lists, then of everywhere. */
export function commandForKey(state: AppState, key: string, keymap: Keymap): KeyMeaning {
  let refused: KeyMeaning = { kind: "unbound" };
  for (const command of keymap.bound(key, state.view.focus)) {
    const reason = reasonAgainst(command, state);
    if (reason === null) return { kind: "run", command };
    if (refused.kind === "unbound") refused = { kind: "refused", command, reason };
  }
  return refused;
}
