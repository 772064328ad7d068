import type { Experiment } from "../../contract/experiment.js";
import { computeModes, experimentStatuses, priorities } from "../../contract/vocabulary.js";
import type { FilterFields } from "./filter.js";

/** What the queue can be filtered by. */
export const experimentFilter: FilterFields<Experiment> = {
  text: (row) => `${row.experimentId} ${row.title}`,
  fields: {
    status: { read: (row) => row.status, match: "start", values: experimentStatuses },
    gpu: { read: (row) => row.computeMode, match: "start", values: computeModes.map((mode) => mode.toLowerCase()) },
    title: { read: (row) => row.title, match: "words" },
    priority: { read: (row) => row.priority, match: "start", values: priorities },
    id: { read: (row) => row.experimentId, match: "words" },
    template: { read: (row) => row.template, match: "words" },
    project: { read: (row) => row.projectId, match: "words" },
    queue: { read: (row) => row.queue, match: "start" },
    batch: { read: (row) => row.batchId, match: "words" },
    parent: { read: (row) => row.parentId, match: "words" },
    pod: { read: (row) => row.podId, match: "words" },
    reason: { read: (row) => row.statusReason ?? row.result, match: "words" },
  },
};
