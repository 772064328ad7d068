import type { Connection } from "../contract/connection.js";
import type { Clock } from "../core/clock.js";
import { type Failure, toFailure } from "../core/failure.js";
import { type Command, type CommandContext, type Host, reasonAgainst } from "./command.js";
import type { Keymap } from "./keymap.js";
import { sendAll } from "./request.js";
import type { NewExperimentDraft, Overlay } from "./slices/view.js";
import type { AppStore } from "./store.js";

export interface RunnerOptions {
  readonly store: AppStore;
  readonly keymap: Keymap;
  /** null until attached. */
  readonly connection: () => Connection | null;
  readonly host: Host;
  readonly clock: Clock;
}

/** Runs commands. Nothing here ever throws or rejects: what goes wrong becomes a notice. */
export interface CommandRunner {
  readonly keymap: Keymap;
  /** Asks first where the command has a question. What can't be run now says why. */
  run(id: string): Promise<void>;
  /** The person has answered the question on top with yes, or with the right word: closes it and runs its command. */
  answerYes(): Promise<void>;
  /** Queues what the form holds. On success closes the form and selects the new row; else the form stays with the failure. */
  create(draft: NewExperimentDraft): Promise<Failure | null>;
}

type QuestionOverlay = Extract<Overlay, { kind: "confirm" | "typed" }>;

export function createCommandRunner(options: RunnerOptions): CommandRunner {
  const { store, keymap, clock } = options;
  let lastActionId = 0;
  const nextActionId = () => ++lastActionId;
  const contextOf = (targets: readonly string[], confirmed: boolean): CommandContext => ({
    state: store.api.getState(),
    dispatch: store.dispatch,
    connection: options.connection(),
    host: options.host,
    confirmed,
    targets,
    nowMs: clock.now(),
    nextActionId,
  });
  const say = (tone: "info" | "bad", text: string) =>
    store.dispatch({ type: "notice/shown", tone, text, at: clock.now() });

  async function execute(command: Command, targets: readonly string[], confirmed: boolean): Promise<void> {
    try {
      await command.run(contextOf(targets, confirmed));
    } catch (error) {
      const { message, hint } = toFailure(error);
      say("bad", `${command.title} failed: ${message}${hint === undefined ? "" : ` · ${hint}`}`);
    }
  }

  return {
    keymap,

    async run(id) {
      const command = keymap.byId(id);
      if (command === undefined) {
        say("info", `${id} is not offered here`);
        return;
      }
      const state = store.api.getState();
      const reason = reasonAgainst(command, state);
      if (reason !== null) {
        say("info", `${command.title}: ${reason}`);
        return;
      }
      const overlay = questionOverlay(command, state);
      if (overlay === null) return execute(command, command.targets?.(state) ?? [], false);
      store.dispatch({ type: "view/overlayOpened", overlay });
    },

    async answerYes() {
      const top = store.api.getState().view.overlays.at(-1);
      if (top?.kind !== "confirm" && top?.kind !== "typed") return;
      store.dispatch({ type: "view/overlayClosed" });
      const command = keymap.byId(top.commandId);
      if (command !== undefined) await execute(command, top.targets ?? [], true);
    },

    async create(draft) {
      const form = store.api.getState().view.overlays.at(-1);
      const [failure] = await sendAll(contextOf([], true), [createRequest(draft)]);
      if (failure !== undefined) return failure;
      if (options.connection() === null)
        return { kind: "local", message: "not connected yet", hint: "try again when the link is up" };
      // Only if it is still the same form: the person may have gone on meanwhile.
      if (form !== undefined && store.api.getState().view.overlays.at(-1) === form) {
        store.dispatch({ type: "view/overlayClosed" });
      }
      return null;
    },
  };

  function createRequest(draft: NewExperimentDraft) {
    return {
      title: `Queue ${draft.title}`,
      target: null,
      done: `${draft.title} is queued`,
      async send(connection: Connection) {
        const row = await connection.experiments.create(draft);
        store.dispatch({ type: "experiments/changed", row });
        return { type: "experiments/selected", id: row._id } as const;
      },
    };
  }
}

function questionOverlay(command: Command, state: ReturnType<AppStore["api"]["getState"]>): QuestionOverlay | null {
  const question = command.confirm?.(state) ?? null;
  if (question === null) return null;
  const asked = {
    commandId: command.id,
    question: question.question,
    effect: question.effect,
    targets: command.targets?.(state) ?? [],
  };
  return question.typed === undefined
    ? { kind: "confirm", ...asked }
    : { kind: "typed", ...asked, expected: question.typed };
}
