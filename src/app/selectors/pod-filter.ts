import { podStatuses } from "../../contract/vocabulary.js";
import type { FilterFields } from "./filter.js";
import { idleMs, isWasting, type PodRow } from "./pod-row.js";

/** What the fleet can be filtered by. */
export const podFilter: FilterFields<PodRow> = {
  text: ({ pod }) => `${pod.name} ${pod.gpuType} ${pod.provider} ${pod.region ?? ""} ${pod.experiments.join(" ")}`,
  marks: {
    trouble: ({ pod }) => pod.trouble !== null,
    idle: ({ pod }) => isWasting(pod),
  },
  fields: {
    status: { read: ({ pod }) => pod.status, match: "start", values: podStatuses },
    gpu: { read: ({ pod }) => pod.gpuType, match: "words" },
    name: { read: ({ pod }) => pod.name, match: "words" },
    provider: { read: ({ pod }) => pod.provider, match: "words" },
    region: { read: ({ pod }) => pod.region, match: "words" },
    id: { read: ({ pod }) => `${pod._id} ${pod.providerId ?? ""}`, match: "words" },
    experiment: { read: ({ pod }) => pod.experiments.join(" "), match: "words" },
    trouble: { read: ({ pod }) => pod.trouble?.code ?? null, match: "words" },
    /** Minutes. */
    idle: { read: ({ pod }) => (idleMs(pod) ?? 0) / 60_000, match: "number" },
    /** USD per hour. */
    cost: { read: ({ pod }) => pod.costPerHourUsd, match: "number" },
    today: { read: ({ pod }) => pod.costTodayUsd, match: "number" },
    /** Percent, now. */
    util: { read: ({ utilPercent }) => utilPercent, match: "number" },
  },
};
