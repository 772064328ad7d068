import { type Command, InvalidArgumentError, Option } from "commander";
import { matchesOf, priceRange } from "../../../app/gpu-options.js";
import type { Detail } from "../../../app/question.js";
import { rangeText, stoppedUsdPerMonth, times } from "../../../app/rent-price.js";
import type { Connection } from "../../../contract/connection.js";
import type { Pod, StockRow } from "../../../contract/pod.js";
import { FailureError } from "../../../core/failure.js";
import { usd } from "../../../core/money.js";
import type { Cli } from "../../cli.js";
import { positiveInteger, positiveNumber } from "../../option-values.js";
import { agree } from "../../question.js";
import { withConnection } from "../../with-connection.js";
import { type PodOptions } from "./find.js";

interface CreateOptions extends PodOptions {
  readonly gpu: string;
  readonly count: number;
  readonly hours?: number;
  readonly then: "terminate" | "stop";
  readonly image?: string;
  readonly volume: number;
  readonly disk: number;
  readonly env: Readonly<Record<string, string>>;
  readonly region: readonly string[];
  readonly cloud: "SECURE" | "COMMUNITY";
  readonly name?: string;
  readonly maxPrice?: number;
  readonly wait?: boolean;
}

/** `pods create`: says what it costs before anything is rented. */
export function addCreateCommand(pods: Command, cli: Cli): void {
  pods
    .command("create")
    .description("rent a pod; says what it costs and asks first")
    .requiredOption("--gpu <type>", "H200, H100, A100, CPU or an id of `pods stock`")
    .option("--count <n>", "GPUs", positiveInteger, 1)
    .option("--hours <n>", "at most so many hours; the lab ends it then", positiveNumber)
    .addOption(new Option("--then <what>", "after its hours").choices(["terminate", "stop"]).default("terminate"))
    .option("--image <image>", "default is the provider's own")
    .option("--volume <gb>", "persistent volume, 0 for none", gigabytes, 50)
    .option("--disk <gb>", "container disk, wiped at every stop", positiveInteger, 50)
    .option("--env <KEY=value>", "a variable; may be given more than once", variable, {})
    .option("--region <id>", "only there; may be given more than once, tried in that order", listed, [])
    .addOption(new Option("--cloud <kind>", "whose machines").choices(["SECURE", "COMMUNITY"]).default("SECURE"))
    .option("--name <name>", "default is made from the GPU")
    .option("--max-price <usd>", "refuse what costs more an hour", positiveNumber)
    .option("--wait", "until it runs; what the provider says meanwhile goes to stderr")
    .option("--provider <name>", "who rents it", "runpod")
    .option("--json", "the pod as JSON")
    .option("-y, --yes", "do not ask")
    .action((options: CreateOptions) => withConnection(cli, (connection) => create(cli, connection, options)));
}

async function create(cli: Cli, connection: Connection, options: CreateOptions): Promise<void> {
  const { gpu, count, hours, name, image } = options;
  const stock = matchesOf(await connection.pods.stock(), options);
  const price = stock.length === 0 ? null : times(priceRange({ rows: stock }), count);
  await agree(cli, {
    question: `Create ${name ?? "a pod"} with ${count}×${gpu}?`,
    details: costDetails(options, stock),
    yes: options.yes === true,
  });
  const created = await connection.pods.create({
    provider: options.provider ?? "runpod",
    gpuType: gpu,
    gpuCount: count,
    volumeSize: options.volume,
    diskSize: options.disk,
    env: { ...options.env },
    regions: [...options.region],
    cloud: options.cloud,
    ...(hours === undefined ? {} : { maxHours: hours, maxHoursAction: options.then }),
    ...(image === undefined ? {} : { image }),
    ...(name === undefined ? {} : { name }),
    ...maxPriceOf(options, price?.highUsd),
  });
  const pod = options.wait === true ? await untilRunning(cli, connection, created) : created;
  cli.out(options.json === true ? JSON.stringify(pod, null, 2) : createdText(pod));
}

/** Prices move: never more than what was said, unless a limit of one's own was given. */
function maxPriceOf({ maxPrice }: CreateOptions, shownUsd: number | undefined): { maxCostPerHourUsd?: number } {
  const limit = maxPrice ?? (shownUsd === undefined ? undefined : Math.ceil(shownUsd * 100) / 100);
  return limit === undefined ? {} : { maxCostPerHourUsd: limit };
}

function costDetails(options: CreateOptions, stock: readonly StockRow[]): readonly Detail[] {
  const { count, hours, volume } = options;
  const price = stock.length === 0 ? null : times(priceRange({ rows: stock }), count);
  const best = stock.find((row) => row.stock?.toLowerCase() !== "none");
  const monthly = stoppedUsdPerMonth(stock, volume);
  return [
    { name: "Costs", text: `${rangeText(price)} an hour from now on` },
    {
      name: "Ends",
      text:
        hours === undefined
          ? "never by itself"
          : `after ${hours} h, ${options.then === "stop" ? "stopped" : "terminated"} by the lab while it runs: ${rangeText(times(price, hours))}`,
    },
    ...(volume === 0
      ? []
      : [{ name: "Stopped", text: `${usd(monthly, { estimate: true })} a month for ${volume} GB` }]),
    { name: "Stock", text: best === undefined ? "none is known now" : (best.stock?.toLowerCase() ?? "unknown") },
  ];
}

function createdText({ name, status, _id, costPerHourUsd }: Pod): string {
  return `${name} ${status === "running" ? "runs" : `is ${status}`} (${_id}): ${usd(costPerHourUsd)} an hour`;
}

/** What the provider says of a pod that comes up. */
const progressOf = ({ lastSystemLine, statusReason }: Pod) => lastSystemLine ?? statusReason ?? "";

/** Why a pod will not come up; null while it still may. */
function whyNot({ name, trouble, status, statusReason }: Pod): FailureError | null {
  if (trouble === null && (status === "creating" || status === "running")) return null;
  const why = trouble?.message ?? statusReason ?? status;
  return new FailureError({ kind: "server", message: `${name} did not come up: ${why}` });
}

/** Follows the pod until it runs; ends with a failure when it will not. */
function untilRunning(cli: Cli, connection: Connection, created: Pod): Promise<Pod> {
  return new Promise((resolve, reject) => {
    let said = "";
    const end = (settle: () => void) => {
      // The first rows may come before there is anything to stop.
      setImmediate(() => stop());
      settle();
    };
    const look = (pod: Pod) => {
      const line = progressOf(pod);
      if (line !== "" && line !== said) cli.err((said = line));
      const failure = whyNot(pod);
      if (failure !== null) end(() => reject(failure));
      else if (pod.status === "running") end(() => resolve(pod));
    };
    const stop = connection.pods.watch({
      next(pods) {
        const pod = pods.find(({ _id }) => _id === created._id);
        if (pod !== undefined) look(pod);
      },
      fail: (failure) => cli.err(failure.message),
    });
    const interrupted = {
      kind: "aborted",
      message: `${created.name} goes on being created`,
      hint: "pods list",
    } as const;
    cli.interrupted.addEventListener("abort", () => end(() => reject(new FailureError(interrupted))), { once: true });
  });
}

function gigabytes(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("must be whole GB");
  return Number(text);
}

function variable(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("must be KEY=value");
  return { ...before, [name]: value };
}

const listed = (text: string, before: readonly string[]) => [...before, text];
