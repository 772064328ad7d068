import { z } from "zod";
import { MetricPoint } from "../contract/metrics.js";
import type { ChainEvent, ChainMark } from "./event.js";
import { parseLine } from "./lines.js";

/** Numbers that a training loop or a progress bar may print very often are passed on at most this often. */
const plainGapMs = 250;

/** More names of plain metrics than this are ignored: a run must not be able to fill the store with names. */
const maxPlainNames = 64;

const RankState = z.object({
  steps: z.number(),
  /** Accepted steps, the abscissa of this rank's points. */
  accepted: z.number(),
  /** How many resumes of the run this rank has taken part in. */
  resumes: z.number(),
});

/** All a reader knows, as JSON: a lab that restarts goes on where it was. */
export const ChainReaderState = z.object({
  ranks: z.record(z.string(), RankState),
  resumes: z.number(),
  marks: z.array(z.string()),
  /** Lines seen per plain metric that has no step of its own. */
  counts: z.record(z.string(), z.number()),
  /** When a plain metric was last passed on. */
  emittedAt: z.record(z.string(), z.number()),
  /** The newest point of each plain metric that came too soon after the one before. */
  held: z.record(z.string(), MetricPoint),
});
export type ChainReaderState = z.infer<typeof ChainReaderState>;

export interface ChainReader {
  /** The points of one line that was captured at `at` (ms UTC). */
  read(line: string, at: number): MetricPoint[];
  /** The points of what something else found in the output; under the same bounds. */
  take(events: readonly ChainEvent[], at: number): MetricPoint[];
  /** Points that were held back because they came in quick succession; for the end of the run. */
  flush(): MetricPoint[];
  /** A copy, fit for JSON and for {@link createChainReader}. */
  state(): ChainReaderState;
}

const emptyState = (): ChainReaderState => ({
  ranks: {},
  resumes: 0,
  marks: [],
  counts: {},
  emittedAt: {},
  held: {},
});

/**
 * Turns the lines of one run, in order, into metric points under the names of src/contract/metrics.ts. A line that is not
 * complete yet (a progress bar without a newline) may be read as it stands, and again when it has grown.
 */
export function createChainReader(saved?: ChainReaderState): ChainReader {
  const state = structuredClone(saved ?? emptyState());
  const take = (events: readonly ChainEvent[], at: number): MetricPoint[] => {
    const points = releaseHeld(state, at);
    for (const event of events) {
      for (const draft of draftsOf(state, event)) {
        const point = finite(state, { ...draft, at });
        if (point !== null && mayPass(state, point)) points.push(point);
      }
    }
    return points;
  };
  return {
    read: (line, at) => take(parseLine(line), at),
    take,
    flush() {
      const points = Object.values(state.held);
      state.held = {};
      return points;
    },
    state: () => structuredClone(state),
  };
}

type Draft = Omit<MetricPoint, "at">;
type EventOf<Kind extends ChainEvent["kind"]> = Extract<ChainEvent, { readonly kind: Kind }>;
type Drafting = {
  readonly [Kind in ChainEvent["kind"]]: (state: ChainReaderState, event: EventOf<Kind>) => readonly Draft[];
};

/** Which points an event stands for. Those of the whole run have the accepted steps of all ranks as their step. */
const drafting: Drafting = {
  progress: progressDrafts,
  checkpoint(state, { rank, accepted }) {
    rankState(state, rank).accepted = accepted;
    return [{ name: "chain.accepted", rank, step: accepted, value: accepted }];
  },
  "burned-in": (_, { rank }) => [{ name: "chain.burnin_left", rank, step: 0, value: 0 }],
  acceptance: (state, { rank, value }) => [{ name: "chain.acceptance", rank, step: totalAccepted(state), value }],
  "thinned-weight": (state, { rank, value }) => [
    { name: "chain.thinned_weight", rank, step: totalAccepted(state), value },
  ],
  rminus1: (state, { rank, of, value, accepted }) => [
    {
      name: of === "means" ? "chain.rminus1" : "chain.rminus1_cl",
      rank,
      step: accepted ?? totalAccepted(state),
      value,
    },
  ],
  ess: (state, { rank, value }) => [{ name: "chain.ess", rank, step: totalAccepted(state), value }],
  mark: (state, { mark, rank }) => markDrafts(state, mark, rank),
  fraction: (_, { rank, done, total }) => [{ name: "progress", rank, step: done, value: done / total }],
  metric: metricDrafts,
  phase: () => [],
};

function draftsOf<Kind extends ChainEvent["kind"]>(state: ChainReaderState, event: EventOf<Kind> & { kind: Kind }) {
  return drafting[event.kind](state, event);
}

function rankState(state: ChainReaderState, rank: number) {
  const known = state.ranks[rank] ?? { steps: 0, accepted: 0, resumes: state.resumes };
  state.ranks[rank] = known;
  return known;
}

const totalAccepted = (state: ChainReaderState) =>
  Object.values(state.ranks).reduce((sum, { accepted }) => sum + accepted, 0);

/** `steps` of a rank starts again at 0 when a run is resumed: that, too, is a mark, once per resume and not per rank. */
function progressDrafts(state: ChainReaderState, event: EventOf<"progress">): readonly Draft[] {
  const { rank, steps, accepted, burnInLeft } = event;
  const known = rankState(state, rank);
  const drafts: Draft[] = [];
  if (steps < known.steps && known.resumes === state.resumes) drafts.push(...markDrafts(state, "chain.resumed", rank));
  Object.assign(known, { steps, accepted: accepted ?? known.accepted, resumes: state.resumes });
  drafts.push({ name: "chain.steps", rank, step: known.accepted, value: steps });
  if (accepted !== null) drafts.push({ name: "chain.accepted", rank, step: accepted, value: accepted });
  if (burnInLeft !== null) drafts.push({ name: "chain.burnin_left", rank, step: 0, value: burnInLeft });
  return drafts;
}

function markDrafts(state: ChainReaderState, mark: ChainMark, rank: number): readonly Draft[] {
  if (mark === "chain.resumed") state.resumes += 1;
  if (mark === "chain.oversampled" && state.marks.includes(mark)) return [];
  if (!state.marks.includes(mark)) state.marks.push(mark);
  return [{ name: mark, rank, step: totalAccepted(state), value: 1 }];
}

function metricDrafts(state: ChainReaderState, event: EventOf<"metric">): readonly Draft[] {
  const { name, rank, value } = event;
  const key = `${name}|${rank}`;
  if (!(key in state.counts) && Object.keys(state.counts).length >= maxPlainNames) return [];
  const count = (state.counts[key] = (state.counts[key] ?? 0) + 1);
  return [{ name, rank, step: event.step ?? count, value }];
}

/** A point as it is when its value is a number; else one mark per name, since a series holds finite numbers only. */
function finite(state: ChainReaderState, point: MetricPoint): MetricPoint | null {
  if (Number.isFinite(point.value)) return point;
  const key = `chain.not_finite ${point.name}`;
  if (state.marks.includes(key)) return null;
  state.marks.push(key);
  return { ...point, name: "chain.not_finite" satisfies ChainMark, value: 1 };
}

function mayPass(state: ChainReaderState, point: MetricPoint): boolean {
  if (point.name.startsWith("chain.")) return true;
  const key = `${point.name}|${point.rank}`;
  if (point.at - (state.emittedAt[key] ?? -Infinity) < plainGapMs) {
    state.held[key] = point;
    return false;
  }
  state.emittedAt[key] = point.at;
  Reflect.deleteProperty(state.held, key);
  return true;
}

function releaseHeld(state: ChainReaderState, at: number): MetricPoint[] {
  const due: MetricPoint[] = [];
  for (const [key, point] of Object.entries(state.held)) {
    if (at - (state.emittedAt[key] ?? 0) < plainGapMs) continue;
    state.emittedAt[key] = at;
    Reflect.deleteProperty(state.held, key);
    due.push(point);
  }
  return due;
}
