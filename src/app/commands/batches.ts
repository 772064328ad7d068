import { defineCommand } from "../command.js";
import { selectedExperiment } from "../selectors/visible-experiments.js";

const create = defineCommand({
  id: "batch.create",
  title: "New batch",
  about: "Makes an experiment for each combination of values, seed=1..8 steps=100,200, like the one under the cursor.",
  keys: ["B"],
  scope: "queue",
  changes: true,
  disabledReason: ({ link }) => link.missing["batches.create"] ?? null,
  run: ({ state, dispatch }) =>
    dispatch({
      type: "view/overlayOpened",
      overlay: { kind: "newBatch", like: selectedExperiment(state.experiments)?._id ?? null },
    }),
});

export const batchCommands = [create];
