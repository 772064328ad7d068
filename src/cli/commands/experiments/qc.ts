import { type Command, Option } from "commander";
import type { LabApi } from "../../../connections/lab-api.js";
import type { QcCheck, QcReport } from "../../../contract/qc.js";
import { FailureError } from "../../../core/failure.js";
import type { Cli } from "../../cli.js";
import { positiveInteger } from "../../option-values.js";
import { printOne } from "../../print.js";
import { textTable } from "../../text-table.js";
import { shown, timeText } from "../../text-value.js";
import { withApi } from "../../with-api.js";

interface QcOptions {
  readonly attempt?: number;
  readonly rerun?: boolean;
  readonly clearOverride?: boolean;
  readonly override?: "pass" | "fail";
  readonly note?: string;
  readonly json?: boolean;
}

/** `experiments qc`: how it was judged; judging it again, or deciding otherwise. */
export function addQcCommand(experiments: Command, cli: Cli): void {
  experiments
    .command("qc <id>")
    .description("how it was judged: each check with value, bound and reason")
    .option("--attempt <n>", "another start than the last", positiveInteger)
    .option("--rerun", "judge its files again; the run itself is not repeated")
    .option("--clear-override", "with --rerun: what somebody decided no longer counts")
    .addOption(new Option("--override <verdict>", "decide otherwise; wants --note").choices(["pass", "fail"]))
    .option("--note <text>", "why; it stays with the experiment")
    .option("--json", "as JSON")
    .action((id: string, options: QcOptions) =>
      withApi(cli, async (api) => {
        refuseOdd(options);
        const { _id, experimentId } = await api.client.experiments.get(id);
        const report = await judge(api, _id, options);
        printOne(cli, options.json, report, (value) => qcText(experimentId, value));
      }),
    );
}

function judge({ client: { qc } }: LabApi, id: string, options: QcOptions): Promise<QcReport> {
  const { rerun, override, note = "", clearOverride = false, attempt } = options;
  if (override !== undefined) return qc.override(id, { verdict: override, note });
  return rerun === true ? qc.rerun(id, { clearOverride }) : qc.get(id, attempt);
}

function refuseOdd({ attempt, rerun, override, note, clearOverride }: QcOptions): void {
  const invalid = (message: string, hint: string) => new FailureError({ kind: "invalid", message, hint });
  if (override !== undefined && note === undefined) throw invalid("--override without --note", "say why with --note");
  if (override === undefined && note !== undefined) throw invalid("--note without --override", "give --override");
  if (override !== undefined && rerun === true) throw invalid("--override with --rerun", "leave one out");
  if (clearOverride === true && rerun !== true) throw invalid("--clear-override alone", "it goes with --rerun");
  const changes = rerun === true || override !== undefined;
  if (attempt !== undefined && changes) throw invalid("--attempt", "only the last attempt can be judged again");
}

export function qcText(experimentId: string, report: QcReport): string {
  const { attempt, verdict, score, override, checks } = report;
  const head = `${experimentId} attempt ${attempt}: ${verdict ?? "not judged"}${verdict === null ? "" : `, score ${shown(score)}`}`;
  const decided =
    override === null ? [] : [`${override.verdict} by ${override.by}, ${timeText(override.at)}: ${override.note}`];
  if (checks.length === 0) return [head, ...decided].join("\n");
  const table = textTable(
    ["CHECK", "GATE", "OK", "VALUE", "BOUND", "REASON"],
    checks.map((check) => [
      check.name,
      shown(check.gate),
      okText(check),
      shown(check.value),
      shown(check.bound),
      check.reason,
    ]),
  );
  return [head, ...decided, "", table].join("\n");
}

const okText = ({ ok, severity }: QcCheck) => (ok ? "ok" : severity === "warning" ? "warning" : "failed");
