import type { Command } from "commander";
import { isOwnMachine } from "../../../app/pod-action.js";
import { drainEffect, restartDetails, startDetails, stopDetails, terminateDetails } from "../../../app/pod-effect.js";
import type { Connection } from "../../../contract/connection.js";
import type { Pod, StockRow } from "../../../contract/pod.js";
import { FailureError } from "../../../core/failure.js";
import { usd } from "../../../core/money.js";
import type { Cli } from "../../cli.js";
import { type Asked, agree, detailText } from "../../question.js";
import { withConnection } from "../../with-connection.js";
import { findPod, type PodOptions } from "./find.js";

interface PowerOptions extends PodOptions {
  readonly discardOutputs?: boolean;
}

/** What a question is made of beside the pod. */
interface Facts extends Pick<PowerOptions, "discardOutputs"> {
  readonly nowMs: number;
  readonly stock: readonly StockRow[];
}

interface Act {
  readonly verb: "start" | "stop" | "restart" | "terminate";
  readonly about: string;
  /** null: it is not asked. */
  readonly ask: (pod: Pod, facts: Facts) => Omit<Asked, "yes"> | null;
  /** Takes `--discard-outputs`. */
  readonly discards?: boolean;
  readonly send: (connection: Connection, pod: Pod, options: PowerOptions) => Promise<Pod>;
  readonly done: (before: Pod, after: Pod) => string;
}

const start: Act = {
  verb: "start",
  about: "start a stopped pod; it costs from then on",
  ask: () => null,
  send: (connection, { _id }) => connection.pods.start(_id),
  done: (pod) => (isOwnMachine(pod) ? "takes work again" : "is starting"),
};

const stop: Act = {
  verb: "stop",
  discards: true,
  about: "stop a pod and wait until it was seen to have stopped",
  ask: (pod, { discardOutputs }) => ({
    question: `Stop ${pod.name}?`,
    details: isOwnMachine(pod)
      ? [{ name: "Effect", text: drainEffect(pod) }]
      : stopDetails(pod, { discards: discardOutputs === true }),
  }),
  async send(connection, pod, { discardOutputs }) {
    const after = await connection.pods.stop(pod._id, { discardOutputs });
    if (isOwnMachine(pod) || after.status === "stopped" || after.status === "terminated") return after;
    const message = `not confirmed: ${pod.name} is still ${after.status} and goes on billing`;
    throw new FailureError({ kind: "conflict", message, hint: "stop it again" });
  },
  done: (pod) =>
    isOwnMachine(pod)
      ? "takes no new experiments"
      : `is stopped: saves ${usd(pod.costPerHourUsd)} an hour, its volume costs ${usd(pod.stoppedCostPerMonthUsd, { estimate: true })} a month`,
};

const restart: Act = {
  verb: "restart",
  about: "restart a running pod, or start a stopped one",
  ask: (pod, { nowMs, stock }) =>
    pod.status === "stopped"
      ? { question: `Start ${pod.name}?`, details: startDetails(pod, nowMs, stock) }
      : { question: `Restart ${pod.name}?`, details: restartDetails(pod) },
  send: (connection, { _id, status }) =>
    status === "stopped" ? connection.pods.start(_id) : connection.pods.restart(_id),
  done: () => "is restarting",
};

const terminate: Act = {
  verb: "terminate",
  discards: true,
  about: "give a pod back for good, with its disks; its outputs are fetched first",
  ask: (pod) => ({ question: `Terminate ${pod.name}?`, details: terminateDetails(pod), typed: pod.name }),
  send: (connection, { _id }, { discardOutputs }) => connection.pods.terminate(_id, { discardOutputs }),
  done: () => "is terminated",
};

/** `pods start|stop|restart|terminate`. */
export function addPowerCommands(pods: Command, cli: Cli): void {
  for (const act of [start, stop, restart, terminate]) {
    const command = pods
      .command(`${act.verb} <pod>`)
      .description(act.about)
      .option("--provider <name>", "only of this provider")
      .option("--json", "the pod afterwards, as JSON")
      .option("-y, --yes", "do not ask");
    if (act.discards === true) command.option("--discard-outputs", "outputs that can't be fetched may be lost");
    command.action((ref: string, options: PowerOptions) =>
      withConnection(cli, (connection) => perform(cli, act, { connection, ref, options })),
    );
  }
}

async function perform(
  cli: Cli,
  act: Act,
  { connection, ref, options }: { connection: Connection; ref: string; options: PowerOptions },
): Promise<void> {
  const pod = await findPod(connection, ref, options);
  if (pod.locked && act.verb !== "start") {
    const message = `${pod.name} is locked: it can't be ${act.verb === "stop" ? "stopped" : `${act.verb}ed`}`;
    throw new FailureError({
      kind: "conflict",
      message: message.replace("eed", "ed"),
      hint: "L in the control room unlocks it",
    });
  }
  const starts = pod.status === "stopped" && (act.verb === "start" || act.verb === "restart");
  // A price that can't be had is shown as unknown, and keeps nobody from anything.
  const stock = starts && !isOwnMachine(pod) ? await connection.pods.stock().catch(() => []) : [];
  const question = act.ask(pod, { ...options, nowMs: cli.nowMs(), stock });
  if (question !== null) await agree(cli, { ...question, yes: options.yes === true });
  else if (!isOwnMachine(pod)) cli.err(detailText(startDetails(pod, cli.nowMs(), stock)));
  const after = await act.send(connection, pod, options);
  cli.out(options.json === true ? JSON.stringify(after, null, 2) : `${pod.name} ${act.done(pod, after)}`);
}
