import { type Command, defineCommand } from "../command.js";
import { type ListMove, listMoved } from "../list-move.js";
import type { SortKey } from "../slices/experiments.js";
import type { AppState } from "../store.js";

const movement = (
  id: Command["id"],
  [title, about]: readonly [string, string],
  keys: readonly string[],
  move: ListMove,
) =>
  defineCommand({
    id,
    title,
    about,
    keys,
    scope: "lists",
    run({ state, dispatch }) {
      const event = listMoved(state, move);
      if (event !== null) dispatch(event);
    },
  });

const movements = [
  movement("list.down", ["Down", "One row down."], ["j", "down"], { by: "rows", count: 1 }),
  movement("list.up", ["Up", "One row up; a log that follows pauses."], ["k", "up"], { by: "rows", count: -1 }),
  movement("list.pageDown", ["Page down", "One page down."], ["pgdn", "ctrl-f"], { by: "pages", count: 1 }),
  movement("list.pageUp", ["Page up", "One page up."], ["pgup", "ctrl-b"], { by: "pages", count: -1 }),
  movement("list.first", ["First", "To the first row."], ["g", "home"], { by: "end", end: "first" }),
  movement("list.last", ["Last", "To the last row; a log follows again."], ["G", "end"], { by: "end", end: "last" }),
];

const onlyQueue = ({ view }: AppState) => (view.focus === "queue" ? null : "in the queue");

/** The order that a person most likely wants of each column. */
const sortKeys: readonly SortKey[] = ["queue", "id", "title", "state", "priority", "age"];

const sort = defineCommand({
  id: "list.sort",
  title: "Sort",
  about: `Sorts the queue by the next of: ${sortKeys.join(", ")}.`,
  keys: ["s"],
  scope: "lists",
  footer: { order: 70, label: "sort" },
  disabledReason: onlyQueue,
  run({ state, dispatch }) {
    const next = sortKeys[(sortKeys.indexOf(state.experiments.sort) + 1) % sortKeys.length] ?? "queue";
    dispatch({ type: "experiments/sorted", sort: next, reversed: false });
  },
});

const reverse = defineCommand({
  id: "list.reverse",
  title: "Reverse the order",
  about: "Turns the order of the queue round; bookmarks stay at the top.",
  keys: ["S"],
  scope: "lists",
  disabledReason: onlyQueue,
  run: ({ state: { experiments }, dispatch }) =>
    dispatch({ type: "experiments/sorted", sort: experiments.sort, reversed: !experiments.reversed }),
});

export const listCommands = [...movements, sort, reverse];
