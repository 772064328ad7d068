import { spentUsd } from "./spend.js";
import { computeUsdPerHour, isRented, type World } from "./world.js";

/** What is left of the credit; without a known credit there is no end. */
export const balanceUsd = (world: World): number =>
  world.account.creditUsd === null ? Number.POSITIVE_INFINITY : world.account.creditUsd - spentUsd(world);

/** USD an hour of the whole account now, as the console shows it. */
export function spendUsdPerHour(world: World): number {
  let sum = 0;
  for (const pod of world.pods.values()) {
    if (isRented(pod)) sum += computeUsdPerHour(pod);
    sum += pod.spans.at(-1)?.toMs === null ? (pod.spans.at(-1)?.diskUsdPerHour ?? 0) : 0;
  }
  return sum;
}
