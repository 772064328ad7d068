import { type Command, Option } from "commander";
import type { Connection } from "../../../contract/connection.js";
import type { PodLogLine } from "../../../contract/pod.js";
import { FailureError } from "../../../core/failure.js";
import type { Cli } from "../../cli.js";
import { withConnection } from "../../with-connection.js";
import { findPod, type PodOptions } from "./find.js";

interface LogOptions extends PodOptions {
  readonly follow?: boolean;
  readonly source?: string;
  readonly tail: number;
}

/** A provider's stream never says that this was all: so long without a line after the first one is taken for that. */
const quietMs = 750;
/** A pod that has printed nothing never will say so. */
const silentMs = 5_000;

/** `pods logs`: what the pod itself prints, not its experiments. */
export function addLogCommand(pods: Command, cli: Cli): void {
  pods
    .command("logs <pod>")
    .description("what the pod itself prints: its container and the provider's system")
    .option("-f, --follow", "go on until Ctrl-C")
    .addOption(new Option("--source <source>", "only this").choices(["container", "system"]))
    .option("--tail <n>", "lines from the end", Number, 100)
    .option("--provider <name>", "only of this provider")
    .option("--json", "one JSON object a line")
    .action((ref: string, options: LogOptions) =>
      withConnection(cli, async (connection) => {
        const { _id } = await findPod(connection, ref, options);
        await printLog(cli, connection, { id: _id, ...options });
      }),
    );
}

async function printLog(
  cli: Cli,
  connection: Connection,
  options: LogOptions & { readonly id: string },
): Promise<void> {
  const print = ({ id, at, source, line }: PodLogLine) => {
    const time = at === null ? "" : `${new Date(at).toISOString()} `;
    const text = `${time}${source === "system" ? "[system] " : ""}${line}`;
    cli.out(options.json === true ? JSON.stringify({ id, at, source, line }) : text);
  };
  const follows = options.follow === true;
  await new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      // A sink may be told of a failure before there is anything to stop.
      setImmediate(() => stop());
      settle();
    };
    const wait = (ms: number) => {
      clearTimeout(timer);
      if (!follows) timer = setTimeout(() => end(resolve), ms);
    };
    const stop = connection.pods.followLog(
      options.id,
      { source: options.source, tail: options.tail },
      {
        next(lines) {
          for (const line of lines) print(line);
          wait(quietMs);
        },
        fail(failure) {
          if (follows && failure.kind === "network") cli.err(failure.message);
          else end(() => reject(new FailureError(failure)));
        },
      },
    );
    wait(silentMs);
    cli.interrupted.addEventListener("abort", () => end(resolve), { once: true });
  });
}
