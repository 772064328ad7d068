import type { LabApi } from "../../../connections/lab-api.js";
import type { Experiment } from "../../../contract/experiment.js";
import { FailureError } from "../../../core/failure.js";

/** As many as a search answers: of a display id they are all but certainly one. */
const mostFound = 20;

/**
 * The experiment of this lab by document or display id. Each lab of a server has its own EXP-001, and the server answers the newest of
 * them all: what `--lab` names is looked for.
 */
export async function findExperiment({ client, lab }: LabApi, ref: string): Promise<Experiment> {
  const found = await client.experiments.get(ref);
  if (found.labId === lab.id) return found;
  const { experiments } = await client.search.search({ labId: lab.id, q: ref, limit: mostFound });
  const own = experiments.find(({ experimentId }) => experimentId === found.experimentId);
  if (typeof own?.["_id"] === "string" && found._id !== ref) return client.experiments.get(own["_id"]);
  throw new FailureError({
    kind: "notFound",
    message: `${ref} is not in ${lab.slug}, but in another lab`,
    hint: "say in which with --lab before the command; `hubify-tui labs list` has their names",
  });
}
