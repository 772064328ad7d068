/**
 * Ids in the examples of the reference. The test that runs every example maps them to what its world really has, so they only need to
 * look as real ones do; display ids and slugs are taken as they are.
 */
export const sampleIds = {
  /** Of the Experiments API seed. */
  lab: "j57a8k9m2n3p4q5r",
  labSlug: "dark-energy",
  /** A second lab, to be deleted. */
  otherLabSlug: "retired-ideas",
  experiment: "EXP-054",
  pod: "pod_abc123",
} as const;
