import { expectedUsd, plannedExperiment } from "../../../app/deploy.js";
import { priceRange } from "../../../app/gpu-options.js";
import { type Range, rangeText, stoppedUsdPerMonth, times } from "../../../app/rent-price.js";
import type { AppState } from "../../../app/store.js";
import type { Experiment } from "../../../contract/experiment.js";
import type { StockRow } from "../../../contract/pod.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import { chosenOption, type PodForm, parseHours, volumeGbOf } from "./form.js";

const hourMs = 3_600_000;

export interface PodMoney {
  readonly perHour: Range | null;
  /** `$8.00/h · $64.00 for 8 h · stopped ~$20.00 a month`. */
  readonly price: string;
  /** `~$2.70 for EXP-056 (40 min) · balance $42.10, lasts 5 h 15 min`. */
  readonly outlook: string;
}

/** What the pod in the form costs, as far as anybody knows. */
export function podMoney(
  form: PodForm,
  stock: readonly StockRow[],
  { experiments, costs }: Pick<AppState, "experiments" | "costs">,
): PodMoney {
  const option = chosenOption(form, stock);
  const perHour = option === undefined ? null : times(priceRange(option), form.count);
  const hours = parseHours(form.texts.hours.text);
  const volumeGb = volumeGbOf(form);
  const volumeUsd = stoppedUsdPerMonth(option?.rows ?? [], volumeGb);
  const planned = option === undefined ? undefined : plannedExperiment(option.gpuType, experiments.live);
  return {
    perHour,
    price: [
      `${rangeText(perHour)}/h`,
      typeof hours === "number"
        ? `${rangeText(times(perHour, hours))} for ${longDuration(hours * hourMs)}`
        : "no end set",
      ...(volumeGb === 0 ? [] : [`stopped ${usd(volumeUsd, { estimate: true })} a month`]),
    ].join(" · "),
    outlook: [...plannedText(planned, perHour), balanceText(costs.costs, perHour)].join(" · "),
  };
}

function plannedText(planned: Experiment | undefined, perHour: Range | null): readonly string[] {
  if (planned === undefined) return [];
  const { experimentId, estimatedSeconds } = planned;
  if (estimatedSeconds === null) return [`${experimentId} would run there: nobody knows how long`];
  const range =
    perHour === null
      ? null
      : {
          lowUsd: expectedUsd(planned, perHour.lowUsd) ?? 0,
          highUsd: expectedUsd(planned, perHour.highUsd) ?? 0,
        };
  return [`${rangeText(range, { estimate: true })} for ${experimentId} (${longDuration(estimatedSeconds * 1000)})`];
}

function balanceText(costs: AppState["costs"]["costs"], perHour: Range | null): string {
  const balanceUsd = costs?.balance.usd ?? null;
  if (balanceUsd === null) return "balance –";
  const burn = costs?.summary.liveRunning.hourlyUsd ?? null;
  const total = burn === null || perHour === null ? null : burn + perHour.highUsd;
  const lasts = total === null || total === 0 ? "" : `, lasts ${longDuration((balanceUsd / total) * hourMs)}`;
  return `balance ${usd(balanceUsd)}${lasts}`;
}
