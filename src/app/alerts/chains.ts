import type { ChainHealth } from "../../chain/convergence.js";
import type { Experiment } from "../../contract/experiment.js";
import type { Pod } from "../../contract/pod.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { chainHealth } from "../selectors/chain-health.js";
import { visibleExperiments } from "../selectors/visible-experiments.js";
import type { Cause, Rule } from "./cause.js";

const minuteMs = 60_000;

const perHour = (pod: Pod | undefined) =>
  pod?.costPerHourUsd === undefined || pod.costPerHourUsd === null ? "" : ` and bills ${usd(pod.costPerHourUsd)}/h`;

/** From the last value of each metric, which every row has: chains that are not on the screen are watched too. */
export const chainMarks: Rule = ({ experiments, pods }) =>
  experiments.live.flatMap((row) => {
    if (row.status !== "running") return [];
    const about = { target: row._id };
    const causes: Cause[] = [];
    if (isSet(row, "chain.converged")) {
      const pod = pods.rows.find(({ _id, name }) => _id === row.podId || name === row.podId);
      const text = `${row.experimentId} has converged, still runs${perHour(pod)}: x stops it`;
      // A run that has converged takes a moment to write its results and end.
      causes.push({ ...about, key: `chain.converged:${row._id}`, severity: "warning", text, holdMs: 2 * minuteMs });
    }
    if (isSet(row, "chain.stuck")) {
      const text = `${row.experimentId} is stuck: its sampler says so`;
      causes.push({ ...about, key: `chain.stuck:${row._id}`, severity: "critical", text });
    }
    return causes;
  });

const isSet = (row: Experiment, mark: string) => (row.metrics[mark] ?? 0) > 0;

/** What only the whole series of the chain on the screen can tell. */
export const chainOnScreen: Rule = (state) => {
  const id = state.chain.experimentId;
  const row = id === null ? undefined : visibleExperiments(state.experiments).byId(id);
  const health = row?.status === "running" ? chainHealth(state) : null;
  if (row === undefined || health?.isChain !== true) return [];
  return chainCauses(health, row.experimentId).map((cause) => ({
    ...cause,
    key: `${cause.key}:${row._id}`,
    target: row._id,
  }));
};

function chainCauses(health: ChainHealth, name: string): readonly Omit<Cause, "target">[] {
  const { stuckEarly, stragglers, silentForMs } = health;
  const rankList = (ranks: readonly number[]) => `rank${ranks.length === 1 ? "" : "s"} ${ranks.join(", ")}`;
  const causes: (Omit<Cause, "target"> & { readonly when: boolean })[] = [
    {
      when: health.notFiniteAt !== null,
      key: "chain.notFinite",
      severity: "critical",
      text: `${name} printed a number that is none (nan)`,
    },
    {
      when: health.silent,
      key: "chain.silent",
      severity: "warning",
      text: `${name} has printed nothing for ${longDuration(silentForMs)}`,
    },
    {
      when: stuckEarly.length > 0,
      key: "chain.stuckEarly",
      severity: "warning",
      text: `${name} accepts nothing on ${rankList(stuckEarly)}, though it steps`,
    },
    {
      when: health.plateau && !health.converged,
      key: "chain.plateau",
      severity: "warning",
      text: `${name}: R-1 has not improved over 8 tests`,
    },
    {
      when: stragglers.length > 0,
      key: "chain.straggler",
      severity: "info",
      text: `${name}: ${rankList(stragglers)} at a third of the others' pace`,
    },
  ];
  return causes.flatMap(({ when, ...cause }) => (when ? cause : []));
}
