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
  /** One that waits, and one that failed and left a checkpoint. */
  queuedExperiment: "EXP-056",
  resumableExperiment: "EXP-031",
  queue: "nightly",
  retiredQueue: "scratch",
  batch: "kb5d7f9h1j3l5n7p",
  retiredBatch: "kb8c6d4f2g1h3j5k",
  /** A key and a session's token, to be revoked and ended. */
  apiKey: "k97d2m5x8r1v4t6w",
  sessionToken: "hs_live_example",
  /** Templates of the lab's own; the second is to be deleted. */
  template: "wide-sweep",
  retiredTemplate: "old-sweep",
  webhook: "k17c2m4n6p8q0r2s",
  delivery: "k3d5f7h9j1l3n5p7",
  figure: "kx7d2f4g6h8j0k2m",
  file: "kn3b5c7d9f1g3h5j",
  backup: "kp9r1s3t5v7w9x1y",
  project: "is-dark-energy-constant",
  retiredProject: "old-question",
  task: "T-104",
  retiredTask: "T-007",
  agent: "alpha",
  retiredAgent: "omega",
  paper: "evolving-dark-energy",
  retiredPaper: "old-draft",
  skill: "typescript-strict-mode",
} as const;
