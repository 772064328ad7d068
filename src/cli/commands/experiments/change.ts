import { type Command, Option } from "commander";
import type { LabApi } from "../../../connections/lab-api.js";
import type { Experiment } from "../../../contract/experiment.js";
import { experimentStatuses, priorities } from "../../../contract/vocabulary.js";
import { FailureError } from "../../../core/failure.js";
import type { Cli } from "../../cli.js";
import { printOne } from "../../print.js";
import { agree } from "../../question.js";
import { counted } from "../../text-value.js";
import { withApi } from "../../with-api.js";
import { addDraftOptions, completeDraft, type DraftOptions, draftOf } from "./draft.js";

interface Asked {
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly message?: string;
  readonly checkpoint?: string;
}

type Act = (api: LabApi, row: Experiment, options: Asked) => Promise<Experiment>;

const rowText = (row: Experiment) => `${row.experimentId} ${row.status}: ${row.title}`;
const cancelledText = (row: Experiment) =>
  `${row.experimentId} ${row.status === "running" ? "is being stopped" : "is cancelled"}`;

/** `experiments create|copy|set|restart|resume|cancel|delete`. */
export function addChangeCommands(experiments: Command, cli: Cli): void {
  const act = (name: string, about: string, { work, text = rowText }: { work: Act; text?: typeof rowText }) =>
    experiments
      .command(`${name} <id>`)
      .description(about)
      .option("--json", "as JSON")
      .action((id: string, options: Asked) =>
        withApi(cli, async (api) => {
          const row = await work(api, await api.client.experiments.get(id), options);
          printOne(cli, options.json, row, text);
        }),
      );

  addDraftOptions(experiments.command("create").description("queue an experiment"))
    .option("--json", "as JSON")
    .action((options: DraftOptions) =>
      withApi(cli, async (api) => {
        const draft = await completeDraft(api, await draftOf(options));
        const row = await api.client.experiments.create({ ...draft, labId: api.lab.id });
        printOne(cli, options.json, row, rowText);
      }),
    );

  addDraftOptions(
    act("copy", "queue another one like it; options say what is different, --param and --config are merged", {
      work: async (api, { _id }, options) => api.client.experiments.copy(_id, await draftOf(options)),
    }),
  );
  addSetCommand(experiments, cli);
  act("restart", "queue one that failed or was cancelled again, from its beginning; of one that passed, a copy", {
    work: ({ client }, { _id }) => client.experiments.restart(_id),
  });
  act("resume", "queue it again from its newest checkpoint", {
    work: ({ client }, { _id }, { checkpoint }) => client.experiments.resume(_id, checkpoint),
  }).option("--checkpoint <id>", "another one, as `experiments checkpoints` has it");
  act("cancel", "take it from the queue, or stop its processes", {
    work: ({ client }, { _id }) => client.experiments.cancel(_id),
    text: cancelledText,
  });
  addDeleteCommand(experiments, cli);
}

interface SetOptions extends Asked {
  readonly title?: string;
  readonly priority?: (typeof priorities)[number];
  readonly queue?: string;
  readonly status?: (typeof experimentStatuses)[number];
}

function addSetCommand(experiments: Command, cli: Cli): void {
  experiments
    .command("set <id>")
    .description("change its title, priority, queue or status")
    .option("--title <text>", "its title")
    .addOption(new Option("--priority <priority>", "place in the queue").choices(priorities))
    .option("--queue <name>", "another queue, until it starts")
    .addOption(
      new Option("--status <status>", "queued: what was a draft, blocked or failed").choices(experimentStatuses),
    )
    .option("--message <text>", "why the status is changed; kept in its history")
    .option("--json", "as JSON")
    .action((id: string, { json, ...changes }: SetOptions) =>
      withApi(cli, async (api) => {
        if (Object.keys(changes).length === 0) {
          const hint = "give --title, --priority, --queue or --status";
          throw new FailureError({ kind: "invalid", message: "nothing to change", hint });
        }
        const { _id } = await api.client.experiments.get(id);
        printOne(cli, json, await api.client.experiments.patch(_id, changes), rowText);
      }),
    );
}

function addDeleteCommand(experiments: Command, cli: Cli): void {
  experiments
    .command("delete <id>")
    .description("delete it with its log and metrics; its output files stay on disk")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((id: string, { yes = false, json }: Asked) =>
      withApi(cli, async (api) => {
        const row = await api.client.experiments.get(id);
        const { experimentId, title, status, logLines } = row;
        const details = [
          { name: "Experiment", text: `${title}, ${status}` },
          { name: "Lost", text: `${counted(logLines, "line")} of log, its metrics and history` },
        ];
        await agree(cli, { question: `Delete ${experimentId}?`, details, typed: experimentId, yes });
        await api.client.experiments.delete(row._id);
        printOne(cli, json, { id: row._id, experimentId, deleted: true }, () => `${experimentId} is deleted`);
      }),
    );
}
