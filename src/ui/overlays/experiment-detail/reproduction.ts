import type { Hashed, Reproduction } from "../../../contract/qc.js";
import { printable } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { type FactLine, paired, said, section } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

const unknown = "–";
const shortHash = 12;
const mostInputs = 20;

/** What is needed to do the run again, as found when it started. */
export function reproductionLines(record: Reproduction, width: number): readonly TabLine[] {
  const { git, script, environment, host, seeds, inputs, inputsLeft } = record;
  const facts: readonly FactLine[] = [
    { name: "Captured", value: `${dateTime(record.capturedAt)}${record.complete ? "" : ", not complete"}` },
    { name: "Revision", value: gitText(git) },
    { name: "Script", value: script === null ? (record.template ?? unknown) : hashText(script) },
    { name: "Config", value: record.configSha256.slice(0, shortHash) },
    { name: "Host", value: hostText(host) },
    { name: "Environment", value: environmentText(environment) },
    { name: "Seeds", value: seedsText(seeds) },
  ];
  const files = inputs.slice(0, mostInputs).map((file): TabLine => said(`  ${hashText(file)}`));
  const rest = inputs.length - files.length + inputsLeft;
  return [
    ...section("To do it again"),
    ...paired(
      facts.map((fact) => ({ ...fact, value: printable(fact.value) })),
      width,
    ),
    ...record.changed.map((what): TabLine => [["level.warn", `Changed while it ran: ${printable(what)}`]]),
    ...(inputs.length === 0 ? [] : section("Inputs")),
    ...files,
    ...(rest > 0 ? [said(`  and ${rest} more`)] : []),
  ];
}

function environmentText(environment: Reproduction["environment"]): string {
  const packages = environment?.packages?.length;
  const version = environment?.interpreter?.version ?? unknown;
  return packages === undefined ? version : `${version}, ${packages} packages`;
}

const hostText = (host: Reproduction["host"]) =>
  host === null ? unknown : [host.name, host.arch, host.cpu, ...host.gpus].filter(Boolean).join(", ");

function gitText(git: Reproduction["git"]): string {
  if (git === null) return unknown;
  const { revision, branch, dirty } = git;
  const where = branch === null ? "" : ` on ${branch}`;
  return `${revision?.slice(0, shortHash) ?? unknown}${where}${dirty === true ? ", with changes" : ""}`;
}

const hashText = ({ path, sha256, reason }: Hashed) =>
  printable(`${path}  ${sha256 === null ? (reason ?? unknown) : sha256.slice(0, shortHash)}`);

function seedsText(seeds: Reproduction["seeds"]): string {
  const entries = Object.entries(seeds);
  return entries.length === 0 ? "none named" : entries.map(([name, value]) => `${name} ${String(value)}`).join(", ");
}
