import type { Connection } from "../contract/connection.js";
import type { Clock } from "../core/clock.js";
import { type Failure, toFailure } from "../core/failure.js";
import { type Command, type CommandContext, type Host, reasonAgainst } from "./command.js";
import { experimentRequest, newPodRequest } from "./create-request.js";
import type { Keymap } from "./keymap.js";
import type { Question } from "./question.js";
import { type Request, sendAll } from "./request.js";
import type { NewExperimentDraft, NewPodDraft, Overlay } from "./slices/view.js";
import type { AppState, AppStore } from "./store.js";

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
  /**
   * The person has answered the question on top with yes, with the right word, with one of its options or with a line: closes it and
   * runs its command.
   */
  answerYes(choice?: string): Promise<void>;
  /** Sends what a form holds. On success closes the form; else it stays with the failure. */
  submit(request: Request): Promise<Failure | null>;
  /** Queues what the form holds and selects the new row. */
  create(draft: NewExperimentDraft): Promise<Failure | null>;
  /** Rents what the form holds and selects the new row. */
  createPod(draft: NewPodDraft): Promise<Failure | null>;
}

type QuestionOverlay = Extract<Overlay, { kind: "confirm" | "typed" | "choose" | "write" }>;

/** What the person has said to a question. */
interface Answer {
  readonly confirmed: boolean;
  readonly choice: string | null;
}
const unasked: Answer = { confirmed: false, choice: null };

export function createCommandRunner(options: RunnerOptions): CommandRunner {
  const { store, keymap, clock } = options;
  let lastActionId = 0;
  const nextActionId = () => ++lastActionId;
  const contextOf = (targets: readonly string[], answer: Answer): CommandContext => ({
    state: store.api.getState(),
    dispatch: store.dispatch,
    connection: options.connection(),
    host: options.host,
    ...answer,
    targets,
    nowMs: clock.now(),
    nextActionId,
  });
  const say = (tone: "info" | "bad", text: string) =>
    store.dispatch({ type: "notice/shown", tone, text, at: clock.now() });

  async function execute(command: Command, targets: readonly string[], answer: Answer): Promise<void> {
    try {
      await command.run(contextOf(targets, answer));
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
      if (overlay === null) return execute(command, command.targets?.(state) ?? [], unasked);
      store.dispatch({ type: "view/overlayOpened", overlay });
    },

    async answerYes(choice) {
      const top = store.api.getState().view.overlays.at(-1);
      if (!isQuestion(top)) return;
      store.dispatch({ type: "view/overlayClosed" });
      const command = keymap.byId(top.commandId);
      const changed = command === undefined ? null : askedAnew(command, top, store.api.getState());
      if (changed !== null) {
        say("info", "it has changed meanwhile: read again what will happen");
        store.dispatch({ type: "view/overlayOpened", overlay: changed });
      } else if (command !== undefined)
        await execute(command, top.targets ?? [], { confirmed: true, choice: choice ?? null });
    },

    submit,
    create: (draft) => submit(experimentRequest(draft, store.dispatch)),
    createPod: (draft) => submit(newPodRequest(draft, store.dispatch)),
  };

  async function submit(request: Request): Promise<Failure | null> {
    const form = store.api.getState().view.overlays.at(-1);
    const [failure] = await sendAll(contextOf([], { confirmed: true, choice: null }), [request]);
    if (failure !== undefined) return failure;
    if (options.connection() === null)
      return { kind: "local", message: "not connected yet", hint: "try again when the link is up" };
    // Only if it is still the same form: the person may have gone on meanwhile.
    if (form !== undefined && store.api.getState().view.overlays.at(-1) === form) {
      store.dispatch({ type: "view/overlayClosed" });
    }
    return null;
  }
}

function isQuestion(overlay: Overlay | undefined): overlay is QuestionOverlay {
  return overlay !== undefined && "commandId" in overlay;
}

function questionOverlay(command: Command, state: AppState): QuestionOverlay | null {
  const question = command.confirm?.(state) ?? null;
  if (question === null) return null;
  return overlayOf(question, { commandId: command.id, targets: command.targets?.(state) ?? [] });
}

/**
 * The question as it is now, where what will happen is no longer what the person has agreed to: an experiment has started there,
 * a price has changed. null where it is, and where they are somewhere else by now.
 */
function askedAnew(command: Command, asked: QuestionOverlay, state: AppState): QuestionOverlay | null {
  const details = detailsOf(asked);
  if (details === undefined) return null;
  const now = questionOverlay(command, state);
  if (now === null || now.kind !== asked.kind || now.targets?.join() !== asked.targets?.join()) return null;
  return JSON.stringify(detailsOf(now)) === JSON.stringify(details) ? null : now;
}

const detailsOf = (overlay: QuestionOverlay) => ("details" in overlay ? overlay.details : undefined);

function overlayOf(question: Question, asked: { commandId: string; targets: readonly string[] }): QuestionOverlay {
  const { options, typed, details, writes } = question;
  const about = { ...asked, question: question.question, effect: question.effect };
  if (options !== undefined) return { kind: "choose", ...about, options };
  if (writes !== undefined) return { kind: "write", ...about, writes };
  const told = { ...about, ...(details === undefined ? {} : { details }) };
  return typed === undefined ? { kind: "confirm", ...told } : { kind: "typed", ...told, expected: typed };
}
