import type { Command } from "commander";
import { sshArgv, sshCommand, sshProblem } from "../../../app/ssh-command.js";
import type { Pod } from "../../../contract/pod.js";
import { FailureError } from "../../../core/failure.js";
import type { Cli } from "../../cli.js";
import { withConnection } from "../../with-connection.js";
import { findPod, type PodOptions } from "./find.js";

/** `pods ssh`: becomes ssh, or prints how to. */
export function addSshCommand(pods: Command, cli: Cli): void {
  pods
    .command("ssh <pod>")
    .description("log in to a pod; the exit code is that of ssh")
    .option("--print", "print the command instead")
    .option("--provider <name>", "only of this provider")
    .option("--json", "host, port and user as JSON")
    .action(async (ref: string, options: PodOptions & { print?: boolean }) => {
      const pod = await withConnection(cli, (connection) => findPod(connection, ref, options));
      const access = accessOf(pod);
      if (options.json === true) cli.out(JSON.stringify(access, null, 2));
      else if (options.print === true) cli.out(sshCommand(access));
      else {
        const files = pod.createdByLab ? cli.sshFiles() : { identity: null, knownHosts: null };
        process.exitCode = await cli.run(sshArgv(access, pod.providerId ?? pod.name, files));
      }
    });
}

function accessOf(pod: Pod): NonNullable<Pod["ssh"]> {
  if (pod.ssh === null) {
    const why = pod.sshReason ?? (pod.status === "running" ? "it has no ssh address" : `it is ${pod.status}`);
    throw new FailureError({ kind: "conflict", message: `nobody can log in to ${pod.name}: ${why}` });
  }
  const problem = sshProblem(pod.ssh);
  if (problem !== null) throw new FailureError({ kind: "invalid", message: `${pod.name}: ${problem}` });
  return pod.ssh;
}
