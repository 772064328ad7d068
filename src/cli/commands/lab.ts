import { closeSync, existsSync, fstatSync, openSync, readSync, watch } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { FailureError } from "../../core/failure.js";
import type { Cli, LabStatus } from "../cli.js";
import { backupCommand, restoreCommand } from "./backups.js";

interface StartFlags {
  readonly foreground?: boolean;
  readonly port: number;
  readonly host: string;
  readonly insecure?: boolean;
  readonly repair?: boolean;
  readonly json?: boolean;
}

/** `lab start|stop|status|logs|backup|restore`: the server on this machine. */
export function labCommand(cli: Cli): Command {
  const lab = new Command("lab").description("the lab on this machine: the server that runs experiments");

  lab
    .command("start")
    .description("start it in the background, or say where it runs")
    .option("--foreground", "stay in this process")
    .option("--port <n>", "port; 0 takes the one it had before, else a free one", portNumber, 0)
    .option("--host <host>", "address to bind", "127.0.0.1")
    .option("--insecure", "allow an address that others can reach, without TLS")
    .option("--repair", "move a corrupt database aside and start with an empty one")
    .option("--json", "as JSON")
    .action(async (flags: StartFlags) => {
      const { port, host, insecure = false, repair = false } = flags;
      if (flags.foreground === true) return cli.lab.foreground({ port, host, insecure, repair });
      const status = await cli.lab.start({ port, host, insecure, repair });
      if (status.movedTo !== undefined) cli.err(`the database was corrupt; it is kept as ${status.movedTo}`);
      if (port !== 0 && new URL(status.url).port !== String(port)) throw runsElsewhere(status, port);
      cli.out(flags.json === true ? JSON.stringify(status, null, 2) : statusText(status));
    });

  lab
    .command("stop")
    .description("stop it; running experiments go on and are picked up at the next start")
    .option("--json", "as JSON: whether one ran")
    .action(async (flags: { json?: boolean }) => {
      const stopped = await cli.lab.stop();
      if (flags.json === true) cli.out(JSON.stringify({ stopped }));
      else cli.out(stopped ? "lab stopped; running experiments go on" : "no lab is running");
    });

  lab
    .command("status")
    .description("where it runs")
    .option("--json", "as JSON: url, pid, dataDir, tokenFile, version")
    .action(async (flags: { json?: boolean }) => {
      const status = await cli.lab.status();
      if (status === null) {
        cli.out(flags.json === true ? "null" : `no lab is running for ${cli.dataDir()}`);
        process.exitCode = 1;
        return;
      }
      cli.out(flags.json === true ? JSON.stringify(status, null, 2) : statusText(status));
    });

  lab
    .command("logs")
    .description("its own log file")
    .option("-f, --follow", "go on as it grows")
    .action((flags: { follow?: boolean }) => printLog(cli, flags.follow === true));

  lab.addCommand(backupCommand(cli));
  lab.addCommand(restoreCommand(cli));
  return lab;
}

function runsElsewhere({ url, pid }: LabStatus, port: number): FailureError {
  return new FailureError({
    kind: "conflict",
    message: `the lab runs already, at ${url} (pid ${pid}), not on port ${port}`,
    hint: "stop it first with `hubify-tui lab stop`; running experiments go on",
  });
}

function statusText(status: LabStatus): string {
  return `lab ${status.version} at ${status.url}\n  pid    ${status.pid}\n  data   ${status.dataDir}\n  token  ${status.tokenFile}`;
}

async function printLog(cli: Cli, follow: boolean): Promise<void> {
  const file = cli.lab.logFile();
  if (!existsSync(file)) {
    cli.err(`no log yet: ${file}`);
    return;
  }
  const fd = openSync(file, "r");
  const buffer = Buffer.alloc(65_536);
  let offset = 0;
  const drain = () => {
    if (fstatSync(fd).size < offset) offset = 0;
    for (;;) {
      const count = readSync(fd, buffer, 0, buffer.length, offset);
      if (count === 0) return;
      process.stdout.write(buffer.subarray(0, count));
      offset += count;
    }
  };
  try {
    drain();
    if (!follow) return;
    await new Promise<void>((resolve) => {
      const watcher = watch(file, drain);
      cli.interrupted.addEventListener("abort", () => {
        watcher.close();
        resolve();
      });
    });
  } finally {
    closeSync(fd);
  }
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError("must be 0..65535");
  return value;
}
