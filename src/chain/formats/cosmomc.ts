import type { Format } from "../format.js";
import { numberSource, toNumber } from "../number.js";

const number = `(${numberSource})`;

/** CosmoMC's `SampleCollector.f90` and GetDist: Fortran list-directed output, so blanks vary. */
export const cosmomc: Format = {
  tool: "cosmomc",
  family: "chain",
  reads: "line",
  needles: ["R-1", "polis rat", "ptance rat", "Requested "],
  patterns: [
    {
      name: "rminus1",
      re: new RegExp(String.raw`^\s*Current convergence R-1\s*=\s*${number}\s+chain steps\s*=\s*(\d+)`),
      events: ([, value, steps], rank) => [
        { kind: "rminus1", rank, of: "means", value: toNumber(value), accepted: toNumber(steps), perRank: [] },
      ],
    },
    {
      name: "getdist-rminus1",
      re: new RegExp(
        String.raw`^\s*var\(mean\)/mean\(var\), remaining chains, worst e-value: R-1\s*=\s*${number}`,
        "i",
      ),
      events: ([, value], rank) => [
        { kind: "rminus1", rank, of: "means", value: toNumber(value), accepted: null, perRank: [] },
      ],
    },
    {
      name: "metropolis",
      re: new RegExp(String.raw`\bmetropolis rat(?:io)?\s*:\s*${number}`),
      events: ([, value], rank) => [{ kind: "acceptance", rank, value: toNumber(value), perRank: [] }],
    },
    {
      name: "local-acceptance",
      re: new RegExp(String.raw`\blocal acceptance ratio\s*:\s*${number}`),
      events: ([, value], rank) => [{ kind: "acceptance", rank, value: toNumber(value), perRank: [] }],
    },
    {
      name: "converged",
      re: /^\s*Requested (?:convergence R|limit convergence) achieved/,
      events: (_, rank) => [{ kind: "mark", rank, mark: "chain.converged" }],
    },
  ],
};
