import type { Connection } from "../contract/connection.js";
import { type Failure, toFailure } from "../core/failure.js";
import type { CommandContext } from "./command.js";
import type { AppEvent } from "./store.js";

/** One thing asked of the server on behalf of the person. */
export interface Request {
  /** As the footer says it while it is pending and when it fails: `Cancel EXP-054`. */
  readonly title: string;
  /** Document id it acts on; its row shows a spinner. */
  readonly target: string | null;
  /** Said when it has succeeded. */
  readonly done: string;
  /** Answers what to change on the screen at once; the live lists follow. */
  readonly send: (connection: Connection) => Promise<AppEvent | null>;
}

interface Outcome {
  readonly request: Request;
  readonly failure: Failure | null;
}

/** So many are under way at a time: enough to hide a slow line, few enough for a rate limit. */
const atATime = 4;

/**
 * Sends requests: each is pending while it lasts, then the footer says what was done or what the server said. Several end in
 * one notice that counts them. Never rejects; answers the failures.
 */
export async function sendAll(context: CommandContext, requests: readonly Request[]): Promise<readonly Failure[]> {
  const { connection, dispatch } = context;
  if (connection === null || requests.length === 0) return [];
  const waiting = [...requests];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
      outcomes.push({ request, failure: await sendOne(context, connection, request) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, requests.length) }, work));
  if (outcomes.length > 1) dispatch(summary(outcomes, context.nowMs));
  return outcomes.flatMap(({ failure }) => failure ?? []);
}

async function sendOne(context: CommandContext, connection: Connection, request: Request): Promise<Failure | null> {
  const { dispatch, nowMs } = context;
  const id = context.nextActionId();
  const { title, target, done } = request;
  dispatch({ type: "action/started", action: { id, title, target, startedAt: nowMs } });
  try {
    const change = await request.send(connection);
    if (change !== null) dispatch(change);
    dispatch({ type: "action/succeeded", id, text: done, at: nowMs });
    return null;
  } catch (error) {
    const failure = toFailure(error);
    dispatch({ type: "action/failed", id, failure, at: nowMs });
    return failure;
  }
}

function summary(outcomes: readonly Outcome[], at: number): AppEvent {
  const failed = outcomes.flatMap(({ request, failure }) =>
    failure === null ? [] : [`${request.title}: ${failure.message}`],
  );
  const done = outcomes.length - failed.length;
  const text = `${done} of ${outcomes.length} done${failed.length === 0 ? "" : ` · ${failed.join(" · ")}`}`;
  return { type: "notice/shown", tone: failed.length === 0 ? "good" : "bad", text, at };
}
