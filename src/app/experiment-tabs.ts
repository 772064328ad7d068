/** Parts of what is known of an experiment, in the order of their keys. */
export const experimentTabs = ["overview", "qc", "history", "attempts", "outputs", "config"] as const;
export type ExperimentTab = (typeof experimentTabs)[number];
