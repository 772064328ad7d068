import type { QcCheck, QcRequirement, Reproduction } from "../../../contract/qc.js";
import type { Facts, Gate } from "../facts.js";

const gate = "reproducibility";

/** What the config requires of the record is in it, and nothing changed while the run was at work. */
export const reproducibility: Gate = {
  name: gate,
  judge(facts) {
    const wanted = (facts.qc.require ?? []).filter((requirement) => requirement !== "progress");
    return [...wanted.map((requirement) => requiredCheck(requirement, facts)), ...changedCheck(facts)];
  },
};

type OfRecord = Exclude<QcRequirement, "progress">;

function requiredCheck(requirement: OfRecord, facts: Facts): QcCheck {
  const about = { name: `record ${requirement}`, gate, bound: "recorded" };
  if (facts.record === null)
    return { ...about, ok: false, value: null, reason: "the run has no reproducibility record" };
  const { ok, value, reason } = requirements[requirement](facts.record, facts);
  return { ...about, ok, value, reason };
}

interface Found {
  readonly ok: boolean;
  readonly value: string | null;
  readonly reason: string;
}

const found = (value: string | null, missing: string): Found =>
  value === null ? { ok: false, value, reason: missing } : { ok: true, value, reason: value };

const requirements: Readonly<Record<OfRecord, (record: Reproduction, facts: Facts) => Found>> = {
  gitRevision: ({ git }) =>
    found(git?.revision ?? null, "no git revision: its script or directory is not in a git repository with a commit"),
  cleanTree: ({ git }) => {
    if (git?.dirty === false) return found("clean", "");
    if (git?.dirty === true) return found(null, `uncommitted changes in ${git.root}: commit them before the run`);
    return found(null, "nobody knows whether the tree was clean: there is no git repository, or git did not answer");
  },
  script: ({ script }, { config }) =>
    config.script === undefined
      ? found("the config is the whole program", "")
      : found(script?.sha256 ?? null, `${config.script} was not hashed${because(script?.reason)}`),
  unchanged: ({ changed }) => (changed.length === 0 ? found("nothing changed", "") : found(null, changed.join("; "))),
  inputs: (record) => {
    const unknown = record.inputs.filter(({ sha256 }) => sha256 === null);
    const [first] = unknown;
    if (first !== undefined)
      return found(null, `${unknown.length} inputs without a hash: ${first.path}${because(first.reason)}`);
    if (!record.complete) return found(null, "the inputs were not hashed to the end");
    if (record.inputsLeft > 0) return found(null, `${record.inputsLeft} inputs more than a record holds`);
    return record.inputs.length === 0
      ? found(null, "no input is recorded: name them in config.inputs")
      : found(`${record.inputs.length} hashed`, "");
  },
  environment: ({ environment }) => {
    const { interpreter = null, packages = null, lockFiles = [] } = environment ?? {};
    if (packages !== null) return found(`${interpreter?.version ?? "?"}, ${packages.length} packages`, "");
    const locks = lockFiles.filter(({ sha256 }) => sha256 !== null).map(({ path }) => path);
    return found(locks.length === 0 ? null : locks.join(", "), "neither installed packages nor a lock file are known");
  },
  seeds: ({ seeds }) => {
    const names = Object.keys(seeds);
    return found(names.length === 0 ? null : names.join(", "), "no seed: set config.seed");
  },
  host: ({ host }) => found(host?.name ?? null, "its machine is not known"),
};

const because = (reason: string | null | undefined) => (reason === null || reason === undefined ? "" : ` (${reason})`);

/** What ran is what was there at the start, so a change is worth a word; where `unchanged` is required it has had it. */
function changedCheck({ record, qc }: Facts): QcCheck[] {
  if (record === null || record.changed.length === 0 || (qc.require?.includes("unchanged") ?? false)) return [];
  const reason = record.changed.join("; ");
  return [{ name: "unchanged", gate, ok: false, severity: "warning", value: null, bound: "as at the start", reason }];
}
