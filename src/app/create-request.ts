import type { Request } from "./request.js";
import type { NewBatchDraft, NewExperimentDraft, NewPodDraft } from "./slices/view.js";
import type { Dispatch } from "./store.js";

/** Queues an experiment; its row is there and selected at once. */
export function experimentRequest(draft: NewExperimentDraft, dispatch: Dispatch): Request {
  return {
    title: `${draft.draft === true ? "Keep" : "Queue"} ${draft.title}`,
    target: null,
    done: draft.draft === true ? `${draft.title} is a draft: u queues it` : `${draft.title} is queued`,
    async send(connection) {
      const row = await connection.experiments.create(draft);
      dispatch({ type: "experiments/changed", row });
      return { type: "experiments/selected", id: row._id };
    },
  };
}

/** Makes one experiment for each combination; the first is selected, and the live list shows the others. */
export function batchRequest(draft: NewBatchDraft, count: number): Request {
  return {
    title: `Make ${count} of ${draft.title}`,
    target: null,
    done: `${count} experiments of ${draft.title} ${draft.draft === true ? "are drafts: u queues them" : "are queued"}`,
    async send(connection) {
      const [first] = (await connection.batches.create(draft)).rows;
      return first === undefined ? null : { type: "experiments/selected", id: first._id };
    },
  };
}

/** Rents a pod; its row is there and selected at once, and says how far it is. */
export function newPodRequest(draft: NewPodDraft, dispatch: Dispatch): Request {
  const name = draft.name ?? "the new pod";
  return {
    title: `Create ${name}`,
    target: null,
    done: `${name} is being created: its row says how far it is`,
    async send(connection) {
      const row = await connection.pods.create(draft);
      dispatch({ type: "pods/changed", row });
      return { type: "pods/selected", id: row._id };
    },
  };
}
