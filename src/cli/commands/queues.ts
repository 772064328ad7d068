import { Command } from "commander";
import type { Queue } from "../../contract/queue.js";
import { FailureError } from "../../core/failure.js";
import { usd } from "../../core/money.js";
import type { Cli } from "../cli.js";
import { positiveInteger } from "../option-values.js";
import { printOne } from "../print.js";
import { agree } from "../question.js";
import { textTable } from "../text-table.js";
import { counted, shown, unknown } from "../text-value.js";
import { withApi } from "../with-api.js";

interface QueueOptions {
  readonly concurrency?: number | "none";
  readonly place?: number;
  readonly name?: string;
  readonly paused?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `queues list|get|create|pause|resume|set|delete`: the order in which experiments start. */
export function queuesCommand(cli: Cli): Command {
  const queues = new Command("queues").alias("queue").description("queues of experiments: order, pause, concurrency");

  queues
    .command("list", { isDefault: true })
    .description("in their order")
    .option("--json", "as JSON")
    .action(({ json }: QueueOptions) =>
      withApi(cli, async ({ client, lab }) =>
        printOne(cli, json, (await client.queues.list(lab.id)).rows, queuesTable),
      ),
    );

  queues
    .command("get <queue>")
    .description("one, by its name or id")
    .option("--json", "as JSON")
    .action((ref: string, { json }: QueueOptions) =>
      withApi(cli, async ({ client, lab }) =>
        printOne(cli, json, await client.queues.get(ref, lab.id), (queue) => queuesTable([queue])),
      ),
    );

  queues
    .command("create <name>")
    .description("make one, behind all others")
    .option("--concurrency <n>", "at most so many of it run at once, or none for no limit", limitOf)
    .option("--place <n>", "its place among the queues: lower starts first, at the same priority", placeOf)
    .option("--paused", "nothing of it starts before it is resumed")
    .option("--json", "as JSON")
    .action((name: string, { json, paused, concurrency, ...draft }: QueueOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const status = paused === true ? "paused" : "running";
        const queue = await client.queues.create({ ...draft, ...limited(concurrency), labId: lab.id, name, status });
        printOne(cli, json, queue, (made) => `${made.name} is made, place ${made.place}`);
      }),
    );

  for (const [verb, status] of [
    ["pause", "paused"],
    ["resume", "running"],
  ] as const) {
    queues
      .command(`${verb} <queue>`)
      .description(verb === "pause" ? "start nothing of it; what runs goes on" : "start what is in it again")
      .option("--json", "as JSON")
      .action((ref: string, { json }: QueueOptions) =>
        withApi(cli, async ({ client, lab }) => {
          const queue = await client.queues.patch(ref, { status }, lab.id);
          printOne(cli, json, queue, ({ name }) => `${name} ${verb === "pause" ? "is paused" : "goes on"}`);
        }),
      );
  }
  addSetCommand(queues, cli);
  addDeleteCommand(queues, cli);
  return queues;
}

function addSetCommand(queues: Command, cli: Cli): void {
  queues
    .command("set <queue>")
    .description("change its name, place or concurrency")
    .option("--name <name>", "another name")
    .option("--concurrency <n>", "at most so many of it run at once, or none for no limit", limitOf)
    .option("--place <n>", "lower starts first, at the same priority", placeOf)
    .option("--json", "as JSON")
    .action((ref: string, { json, concurrency, ...told }: QueueOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const changes = { ...told, ...limited(concurrency) };
        if (Object.keys(changes).length === 0) {
          const hint = "give --name, --place or --concurrency";
          throw new FailureError({ kind: "invalid", message: "nothing to change", hint });
        }
        printOne(cli, json, await client.queues.patch(ref, changes, lab.id), (queue) => queuesTable([queue]));
      }),
    );
}

function addDeleteCommand(queues: Command, cli: Cli): void {
  queues
    .command("delete <queue>")
    .description("delete it; its experiments go to the queue default")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((ref: string, { yes = false, json }: QueueOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const queue = await client.queues.get(ref, lab.id);
        const held = counted(queue.experimentCount, "experiment");
        const details = [{ name: "Effect", text: `${held} of it go to the queue default` }];
        await agree(cli, { question: `Delete queue ${queue.name}?`, details, yes });
        const deleted = await client.queues.delete(queue._id, lab.id);
        printOne(cli, json, deleted, ({ name }) => `${name} is deleted`);
      }),
    );
}

/** commander takes null for no value. */
const limitOf = (text: string) => (text === "none" ? text : positiveInteger(text));

/** As the API has it: null is no limit. */
const limited = (concurrency: QueueOptions["concurrency"]) =>
  concurrency === undefined ? {} : { concurrency: concurrency === "none" ? null : concurrency };
const placeOf = (text: string) => (text === "0" ? 0 : positiveInteger(text));

export const queuesTable = (rows: readonly Queue[]) =>
  textTable(
    ["QUEUE", "STATUS", "PLACE", "AT ONCE", "RUNNING", "QUEUED", "ENDED", "HOURS", "COST"],
    rows.map(({ name, status, place, concurrency, counts, totalEstimatedHours, totalEstimatedCostUsd }) => [
      name,
      status,
      String(place),
      concurrency === null ? "any" : String(concurrency),
      String(counts.running),
      String(counts.queued + counts.blocked),
      String(counts.pass + counts.fail),
      totalEstimatedHours === null ? unknown : shown(Number(totalEstimatedHours.toFixed(1))),
      usd(totalEstimatedCostUsd, { estimate: totalEstimatedCostUsd !== null }),
    ]),
  );
