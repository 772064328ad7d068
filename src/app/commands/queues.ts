import type { Queue, QueuePatch } from "../../contract/queue.js";
import { type Command, type CommandContext, defineCommand } from "../command.js";
import { type Request, sendAll } from "../request.js";
import { selectedQueue } from "../slices/queues.js";
import type { AppState } from "../store.js";

const open = defineCommand({
  id: "queues.open",
  title: "Queues",
  about: "Lists the lab's queues: what runs and waits in each, hours and money left; pause, order, how many at once.",
  keys: ["Q"],
  scope: "everywhere",
  port: "queues.watch",
  run: ({ dispatch }) => dispatch({ type: "view/overlayOpened", overlay: { kind: "queues" } }),
});

const isOpen = ({ view }: AppState) => view.overlays.at(-1)?.kind === "queues";

interface QueueAction {
  readonly id: Command["id"];
  readonly title: string;
  readonly about: string;
  /** Of the question which queue is meant, where their list is not open. */
  readonly question: string;
  /** Why it can't be done to that queue; null when it can. */
  readonly against: (queue: Queue, state: AppState) => string | null;
  readonly changes: (queue: Queue) => QueuePatch;
  readonly done: (queue: Queue) => string;
}

/** Acts on the queue under the cursor of their list; from elsewhere it asks which. */
function queueCommand({ question, against, changes, done, ...told }: QueueAction): Command {
  return defineCommand({
    ...told,
    keys: [],
    scope: "everywhere",
    changes: true,
    port: "queues.patch",
    targets: (state) => (isOpen(state) ? [selectedQueue(state.queues)?._id ?? ""] : []),
    disabledReason(state) {
      if (!state.queues.loaded) return "the queues are not known yet";
      const queue = isOpen(state) ? selectedQueue(state.queues) : undefined;
      if (queue !== undefined) return against(queue, state);
      const reasons = state.queues.rows.map((row) => against(row, state));
      return reasons.includes(null) ? null : (reasons[0] ?? "there is no queue");
    },
    confirm: (state) =>
      isOpen(state)
        ? null
        : {
            question,
            effect: told.about,
            options: state.queues.rows.map((queue) => ({
              id: queue._id,
              label: queue.name,
              about: `${queue.status}, ${queue.counts.queued} waiting`,
              refusal: against(queue, state),
            })),
          },
    async run(context) {
      const queue = askedQueue(context);
      if (queue === undefined) return;
      await sendAll(context, [patchRequest(`${told.title}: ${queue.name}`, queue, changes(queue), done)]);
    },
  });
}

const askedQueue = ({ choice, targets, state }: CommandContext) =>
  state.queues.rows.find(({ _id }) => _id === (choice ?? targets[0]));

const patchRequest = (title: string, queue: Queue, changes: QueuePatch, done: QueueAction["done"]): Request => ({
  title,
  target: queue._id,
  done: done(queue),
  send: async ({ queues }) => ({ type: "queues/changed", row: await queues.patch(queue._id, changes) }),
});

const isPaused = ({ status }: Queue) => status === "paused";

const pause = queueCommand({
  id: "queues.pause",
  title: "Pause or resume a queue",
  about: "Of a paused queue nothing starts; what runs goes on.",
  question: "Pause or resume which queue?",
  against: () => null,
  changes: (queue) => ({ status: isPaused(queue) ? "running" : "paused" }),
  done: (queue) =>
    isPaused(queue) ? `${queue.name} goes on` : `${queue.name} is paused: what runs goes on, nothing of it starts`,
});

const step = (direction: "up" | "down") => {
  const by = direction === "up" ? -1 : 1;
  return queueCommand({
    id: direction === "up" ? "queues.up" : "queues.down",
    title: `Queue ${direction}`,
    about: `Of two experiments of the same priority the one of the upper queue starts first: moves a queue ${direction}.`,
    question: `Move which queue ${direction}?`,
    against({ place }, { queues }) {
      const to = place + by;
      return to < 0 || to >= queues.rows.length ? `it is the ${direction === "up" ? "first" : "last"}` : null;
    },
    changes: ({ place }) => ({ place: place + by }),
    done: ({ name }) => `${name} is one place further ${direction}`,
  });
};

const more = queueCommand({
  id: "queues.more",
  title: "One more at once",
  about: "Lets one more experiment of a queue run at the same time.",
  question: "One more at once of which queue?",
  against: ({ concurrency }) => (concurrency === null ? "it has no limit" : null),
  changes: ({ concurrency }) => ({ concurrency: (concurrency ?? 0) + 1 }),
  done: ({ name, concurrency }) => `${name}: at most ${(concurrency ?? 0) + 1} at once`,
});

/** From no limit to what runs now: the next that ends makes room for one. */
const fewerOf = ({ concurrency, counts }: Queue) =>
  concurrency === null ? Math.max(1, counts.running) : Math.max(1, concurrency - 1);

const fewer = queueCommand({
  id: "queues.fewer",
  title: "One fewer at once",
  about: "Lets one fewer experiment of a queue run at the same time; what runs goes on.",
  question: "One fewer at once of which queue?",
  against: ({ concurrency }) => (concurrency === 1 ? "it is one already: pause it" : null),
  changes: (queue) => ({ concurrency: fewerOf(queue) }),
  done: (queue) => `${queue.name}: at most ${fewerOf(queue)} at once`,
});

const unlimited = queueCommand({
  id: "queues.unlimited",
  title: "No limit at once",
  about: "Lets as many experiments of a queue run at the same time as there is room for.",
  question: "No limit for which queue?",
  against: ({ concurrency }) => (concurrency === null ? "it has no limit" : null),
  changes: () => ({ concurrency: null }),
  done: ({ name }) => `${name}: as many at once as there is room for`,
});

const create = defineCommand({
  id: "queues.new",
  title: "New queue",
  about: "Makes a further queue, behind the others.",
  keys: [],
  scope: "everywhere",
  changes: true,
  port: "queues.create",
  confirm: () => ({
    question: "Make a queue",
    effect: "It is behind the others, without a limit of how many run at once. m in the queue moves experiments to it.",
    writes: { label: "Name", placeholder: "nightly", initial: "" },
  }),
  async run(context) {
    const name = context.choice ?? "";
    await sendAll(context, [
      {
        title: `Make the queue ${name}`,
        target: null,
        done: `the queue ${name} is there`,
        async send({ queues }) {
          const row = await queues.create({ name });
          context.dispatch({ type: "queues/changed", row });
          return { type: "queues/selected", id: row._id };
        },
      },
    ]);
  },
});

export const queuesCommands = [open, pause, step("up"), step("down"), more, fewer, unlimited, create];
