import { basename } from "node:path";
import type { Command } from "commander";
import type { Figure } from "../../contract/figure.js";
import type { Cli } from "../cli.js";
import { nounCommand } from "../noun-command.js";
import { printOne } from "../print.js";
import { bytesText, shown, timeText, unknown } from "../text-value.js";
import { fileToSend, saveAs } from "../transfer.js";
import { withApi } from "../with-api.js";

interface TransferOptions {
  readonly output?: string;
  readonly title?: string;
  readonly caption?: string;
  readonly experiment?: string;
  readonly paper?: string;
  readonly json?: boolean;
}

/** `figures list|get|upload|download`. */
export function figuresCommand(cli: Cli): Command {
  const figures = nounCommand<Figure>(cli, {
    name: "figures",
    singular: "figure",
    about: "figures, found among outputs or uploaded",
    ref: "id",
    filters: [
      { field: "experimentId", option: "--experiment <id>", about: "only those of an experiment" },
      { field: "paperId", option: "--paper <slug>", about: "only those of a paper" },
    ],
    list: ({ client }, query) => client.figures.list(query),
    get: ({ client }, ref) => client.figures.get(ref),
    columns: {
      FIGURE: ({ id }) => id,
      MADE: ({ createdAt }) => timeText(createdAt),
      SIZE: ({ size }) => bytesText(size),
      PIXELS: ({ width, height }) => (width === null || height === null ? unknown : `${width}×${height}`),
      SOURCE: ({ source }) => source,
      FILE: ({ sourcePath, fileName }) => shown(sourcePath ?? fileName),
      TITLE: ({ title }) => title,
    },
  });

  figures
    .command("upload <file>")
    .description("send a PNG, JPG, SVG, PDF or WebP")
    .option("--title <text>", "default is the file's name")
    .option("--caption <text>", "what it shows")
    .option("--experiment <id>", "whose it is")
    .option("--paper <slug>", "what it is for")
    .option("--json", "as JSON")
    .action((file: string, { title, caption, experiment: experimentId, paper: paperId, json }: TransferOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const sent = { file: await fileToSend(file), signal: cli.interrupted };
        const fields = { labId: lab.id, title: title ?? basename(file), caption, experimentId, paperId };
        const figure = await client.figures.upload(fields, sent);
        printOne(cli, json, figure, ({ id, mimeType, size }) => `${id} ${mimeType}, ${bytesText(size)}`);
      }),
    );

  figures
    .command("download <figure>")
    .description("write one here, under its file's name")
    .option("-o, --output <file>", "under another name")
    .action((id: string, { output }: TransferOptions) =>
      withApi(cli, async ({ client }) => {
        const file = output ?? basename((await client.figures.get(id)).fileName);
        await saveAs(file, await client.figures.download(id, cli.interrupted));
        cli.out(file);
      }),
    );
  return figures;
}
