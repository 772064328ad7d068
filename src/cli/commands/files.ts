import { basename, posix } from "node:path";
import type { Command } from "commander";
import type { LabApi } from "../../connections/lab-api.js";
import type { LabFile } from "../../contract/file.js";
import { FailureError } from "../../core/failure.js";
import type { Cli } from "../cli.js";
import { nounCommand } from "../noun-command.js";
import { printOne } from "../print.js";
import { agree } from "../question.js";
import { bytesText, timeText } from "../text-value.js";
import { fileToSend, saveAs } from "../transfer.js";
import { withApi } from "../with-api.js";

interface TransferOptions {
  readonly output?: string;
  readonly recursive?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `files list|get|upload|download|delete`: by their paths in the lab. */
export function filesCommand(cli: Cli): Command {
  const files = nounCommand<LabFile>(cli, {
    name: "files",
    singular: "file",
    about: "files that the lab keeps: scripts, data, notes",
    ref: "path or id",
    filters: [{ field: "path", option: "--path <folder>", about: "what is in this folder; default is the root" }],
    list: ({ client }, query) => client.files.list(query),
    get: findFile,
    columns: {
      PATH: ({ path, type }) => (type === "folder" ? `${path}/` : path),
      SIZE: ({ size, type }) => (type === "folder" ? "" : bytesText(size)),
      CHANGED: ({ updatedAt }) => timeText(updatedAt),
      TYPE: ({ mimeType, type }) => mimeType ?? type,
    },
  });

  files
    .command("upload <file> [path]")
    .description("send a file of this machine; one of that path is replaced")
    .option("--json", "as JSON")
    .action((file: string, path: string | undefined, { json }: TransferOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const target = path === undefined || path.endsWith("/") ? posix.join("/", path ?? "", basename(file)) : path;
        const sent = { file: await fileToSend(file), signal: cli.interrupted };
        const written = await client.files.upload({ labId: lab.id, path: target }, sent);
        printOne(cli, json, written, (made) => `${made.path}, ${bytesText(made.bytes)}`);
      }),
    );

  files
    .command("download <path>")
    .description("write one here, under its name")
    .option("-o, --output <file>", "under another name")
    .action((ref: string, { output }: TransferOptions) =>
      withApi(cli, async (api) => {
        const { _id, name } = await findFile(api, ref);
        const file = output ?? basename(name);
        await saveAs(file, await api.client.files.download(_id, cli.interrupted));
        cli.out(file);
      }),
    );

  files
    .command("delete <path>")
    .description("delete a file, or an empty folder")
    .option("-r, --recursive", "a folder with all that is in it")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((path: string, { recursive, yes = false, json }: TransferOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const all = recursive === true ? " with all that is in it" : "";
        await agree(cli, { question: `Delete ${path}${all}?`, details: [], yes });
        await client.files.delete({ labId: lab.id, path, recursive });
        printOne(cli, json, { path, deleted: true }, () => `${path} is deleted`);
      }),
    );
  return files;
}

/** By path where it begins with one; the list of a file's path is that file. */
async function findFile({ client, lab }: LabApi, ref: string): Promise<LabFile> {
  if (!ref.startsWith("/")) return client.files.get(ref);
  const [found] = (await client.files.list({ labId: lab.id, path: ref })).rows;
  if (found?.path === posix.normalize(ref)) return client.files.get(found._id);
  throw new FailureError({ kind: "notFound", message: `${ref} is a folder`, hint: `files list --path ${ref}` });
}
