import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import type { LabApi } from "../../connections/lab-api.js";
import type { CreatedWebhook, Webhook, WebhookDelivery } from "../../contract/webhook.js";
import type { Cli } from "../cli.js";
import { exitCodes } from "../exit-code.js";
import { listed } from "../option-values.js";
import { addListOptions, type ListOptions, printOne, printPage } from "../print.js";
import { agree } from "../question.js";
import { textTable } from "../text-table.js";
import { shown, timeText, unknown } from "../text-value.js";
import { withApi } from "../with-api.js";

interface WebhookOptions {
  readonly event?: readonly string[];
  readonly description?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `webhooks list|create|test|deliveries|enable|disable|delete`: who is told of what happens. */
export function webhooksCommand(cli: Cli): Command {
  const webhooks = new Command("webhooks")
    .alias("webhook")
    .description("programs that are told of what happens, by signed requests");

  addListOptions(webhooks.command("list", { isDefault: true }).description("newest first"), 20).action(
    ({ limit, cursor, json }: ListOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const page = await client.webhooks.list({ labId: lab.id, limit: Math.min(limit, 100), cursor });
        printPage(cli, page, { json, table: webhooksTable, none: "no webhooks; `webhooks create` makes one" });
      }),
  );

  webhooks
    .command("create <url>")
    .description("make one; its secret is shown this once, alone on standard output")
    .requiredOption("--event <events>", "experiment.failed, pod.*, or *; with commas, or more than once", listed)
    .option("--description <text>", "what it is for")
    .option("--json", "as JSON")
    .action((url: string, { event = [], description, json }: WebhookOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const told = description === undefined ? {} : { description };
        const made = await client.webhooks.create({ labId: lab.id, url, events: [...event], ...told });
        if (json !== true) cli.err(`${made.id} tells ${made.url} of ${made.events.join(", ")}; keep its secret now`);
        printOne(cli, json, made, ({ secret }: CreatedWebhook) => secret);
      }),
    );

  webhooks
    .command("test <webhook>")
    .description("send it a test now, and say what it answered; fails when it did not take it")
    .option("--json", "as JSON")
    .action((id: string, { json }: WebhookOptions) =>
      withApi(cli, async ({ client }) => {
        const delivery = await tried(client.webhooks, id, cli.interrupted);
        printOne(cli, json, delivery, (value) => deliveriesTable([value]));
        if (delivery.status !== "delivered") process.exitCode = exitCodes.failed;
      }),
    );

  addListOptions(webhooks.command("deliveries <webhook>").description("what was sent, newest first"), 20).action(
    (id: string, { limit, cursor, json }: ListOptions) =>
      withApi(cli, async ({ client }) => {
        const page = await client.webhooks.deliveries(id, { limit: Math.min(limit, 100), cursor });
        printPage(cli, page, { json, table: deliveriesTable, none: "nothing was sent yet" });
      }),
  );

  addSwitches(webhooks, cli);
  webhooks
    .command("delete <webhook>")
    .description("delete it with its deliveries")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((id: string, { yes = false, json }: WebhookOptions) =>
      withApi(cli, async ({ client }) => {
        const { url } = await client.webhooks.get(id);
        await agree(cli, { question: `Delete the webhook to ${url}?`, details: [], yes });
        await client.webhooks.delete(id);
        printOne(cli, json, { id, deleted: true }, () => `${url} is told no more`);
      }),
    );
  return webhooks;
}

const pollMs = 200;
/** Longer than one try may take. */
const answerMs = 30_000;

/** A test delivery after its first try; the lab answers before it. */
async function tried(
  webhooks: LabApi["client"]["webhooks"],
  id: string,
  interrupted: AbortSignal,
): Promise<WebhookDelivery> {
  const sent = await webhooks.test(id);
  const until = AbortSignal.any([interrupted, AbortSignal.timeout(answerMs)]);
  for (let now = sent; ; ) {
    if (now.attempt > 0 || until.aborted) return now;
    await wait(pollMs, undefined, { signal: until }).catch(() => undefined);
    now = (await webhooks.deliveries(id)).rows.find(({ _id }) => _id === sent._id) ?? now;
  }
}

function addSwitches(webhooks: Command, cli: Cli): void {
  for (const [verb, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    webhooks
      .command(`${verb} <webhook>`)
      .description(enabled ? "tell it again, also after the lab gave it up" : "tell it nothing for now")
      .option("--json", "as JSON")
      .action((id: string, { json }: WebhookOptions) =>
        withApi(cli, async ({ client }) =>
          printOne(cli, json, await client.webhooks.patch(id, { enabled }), (row) => webhooksTable([row])),
        ),
      );
  }
}

const stateOf = ({ enabled, disabledReason }: Webhook) => (enabled ? "on" : (disabledReason ?? "off"));

export const webhooksTable = (rows: readonly Webhook[]) =>
  textTable(
    ["WEBHOOK", "STATE", "FAILURES", "EVENTS", "URL", "ABOUT"],
    rows.map((row) => [
      row.id,
      stateOf(row),
      String(row.failures),
      row.events.join(","),
      row.url,
      row.description ?? "",
    ]),
  );

export const deliveriesTable = (rows: readonly WebhookDelivery[]) =>
  textTable(
    ["AT", "EVENT", "STATUS", "TRIES", "ANSWER", "TOOK", "NEXT TRY", "ERROR"],
    rows.map(({ createdAt, event, status, attempt, responseStatus, durationMs, nextAt, error }) => [
      timeText(createdAt),
      event,
      status,
      String(attempt),
      shown(responseStatus),
      durationMs === null ? unknown : `${Math.round(durationMs)} ms`,
      timeText(nextAt),
      error ?? "",
    ]),
  );
