import type { Experiment } from "../../contract/experiment.js";
import { type Prepared, prepared } from "../store/prepared.js";
import type { LabStore } from "../store/store.js";
import { type ExperimentRow, queueName, toExperiment } from "./experiment-rows.js";

/** Of 2 kB each, those that were looked at last; more than all screens show together. */
const keptExperiments = 5000;
const rowsPerQuery = 20;

export interface ExperimentCache {
  /** The experiments of these places in the list (column `n`), in their order; without those that are not there any more. */
  at(places: readonly number[]): Promise<Experiment[]>;
  get(id: string): Promise<Experiment | undefined>;
}

interface Kept {
  readonly n: number;
  readonly experiment: Experiment;
}

/**
 * Experiments as they were last read. While nobody changes one it is always the same, frozen object: a finished one is read from the
 * database once, and what was made of it (its JSON) can be kept beside it.
 */
export function createExperimentCache(store: LabStore): ExperimentCache {
  const byId = new Map<string, Kept>();
  const byPlace = new Map<number, Kept>();
  const forget = (id: string) => {
    const kept = byId.get(id);
    if (kept === undefined) return;
    byId.delete(id);
    byPlace.delete(kept.n);
  };
  const forgetQueue = (queueId: string) => {
    for (const { experiment } of [...byId.values()]) if (experiment.queueId === queueId) forget(experiment._id);
  };
  store.onChange((topics) => {
    for (const topic of topics) {
      if (topic.startsWith("experiment:")) forget(topic.slice("experiment:".length));
      // The name of a queue is on all of its experiments.
      if (topic.startsWith("queueName:")) forgetQueue(topic.slice("queueName:".length));
    }
  });

  /** To the end of those that are forgotten next, so that whoever pages through the past pushes nothing out that others look at. */
  const touch = (kept: Kept) => {
    byId.delete(kept.experiment._id);
    byId.set(kept.experiment._id, kept);
  };
  const keep = ({ n }: ExperimentRow, experiment: Experiment) => {
    Object.freeze(experiment.metrics);
    const kept = { n, experiment: Object.freeze(experiment) };
    byId.set(experiment._id, kept);
    byPlace.set(n, kept);
    if (byId.size > keptExperiments) forget(byId.keys().next().value ?? "");
  };
  /** What a commit changed in the meantime is for now only; and what a change has written is its own until it is committed. */
  const read = async (query: Prepared<ExperimentRow>, wanted: readonly (string | number)[]): Promise<Kept[]> => {
    const ts = store.latestTs();
    const rows = await query(...wanted);
    const mayKeep = !store.isChanging && store.latestTs() === ts;
    return rows.map((row) => {
      const experiment = toExperiment(row);
      if (mayKeep) keep(row, experiment);
      return { n: row.n, experiment };
    });
  };
  const readById = prepared<ExperimentRow>(store, (db) =>
    db.selectFrom("experiments").selectAll().select(queueName).where("experiments.id", "=", ""),
  );
  const readByPlace = prepared<ExperimentRow>(store, (db) =>
    db
      .selectFrom("experiments")
      .selectAll()
      .select(queueName)
      .where("experiments.n", "in", Array<number>(rowsPerQuery).fill(0)),
  );

  return {
    async at(places) {
      const found = new Map<number, Experiment>();
      for (const n of places) {
        const kept = store.isChanging ? undefined : byPlace.get(n);
        if (kept === undefined) continue;
        found.set(n, kept.experiment);
        touch(kept);
      }
      const missing = places.filter((n) => !found.has(n));
      for (let from = 0; from < missing.length; from += rowsPerQuery) {
        const some = missing.slice(from, from + rowsPerQuery);
        const wanted = [...some, ...Array<number>(rowsPerQuery - some.length).fill(0)];
        for (const { n, experiment } of await read(readByPlace, wanted)) found.set(n, experiment);
      }
      return places.flatMap((n) => found.get(n) ?? []);
    },

    async get(id) {
      const kept = store.isChanging ? undefined : byId.get(id);
      if (kept === undefined) return (await read(readById, [id]))[0]?.experiment;
      touch(kept);
      return kept.experiment;
    },
  };
}
