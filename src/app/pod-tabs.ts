/** Parts of what is known of a pod, in the order of their keys. */
export const podTabs = ["overview", "gpus", "money", "log"] as const;
export type PodTab = (typeof podTabs)[number];
