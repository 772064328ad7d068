import type { Experiment } from "../contract/experiment.js";
import type { SearchedNoun } from "../contract/search.js";
import { FailureError } from "../core/failure.js";
import type { LabApi } from "./lab-api.js";

type Where = Pick<LabApi, "client" | "lab">;

interface Wanted<Row> {
  readonly ref: string;
  readonly noun: SearchedNoun;
  /** Its natural name: `experimentId`, `slug`. */
  readonly nameField: string & keyof Row;
  readonly get: (ref: string) => Promise<Row>;
}

/** As many as a search answers: of one display id they are all but certainly one. */
const mostFound = 20;

/**
 * What is called `ref` in this lab. Each lab of a server has its own EXP-001, and the server answers one of them all; that of this lab
 * is looked for then. What is only in another lab is refused: whoever acts on it has to name that lab.
 */
export async function findInLab<Row extends { readonly _id: string; readonly labId: string }>(
  { client, lab }: Where,
  { ref, noun, nameField, get }: Wanted<Row>,
): Promise<Row> {
  const found = await get(ref);
  if (found.labId === lab.id) return found;
  if (found._id !== ref) {
    const documents = (await client.search.search({ labId: lab.id, q: ref, limit: mostFound }))[noun];
    const own = documents.find((document) => document[nameField] === found[nameField])?.["_id"];
    if (typeof own === "string") return get(own);
  }
  throw new FailureError({
    kind: "notFound",
    message: `${ref} is not in ${lab.slug}, but in another lab`,
    hint: "say which with --lab before the command; `hubify-tui labs list` has their names",
  });
}

/** The experiment of this lab by document or display id. */
export const findExperiment = (where: Where, ref: string): Promise<Experiment> =>
  findInLab(where, { ref, noun: "experiments", nameField: "experimentId", get: where.client.experiments.get });
