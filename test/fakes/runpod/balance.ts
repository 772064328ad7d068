import { spentUsd } from "./spend.js";
import { computeUsdPerHour, isRented, type World } from "./world.js";

/** What is left of the credit; without a known credit there is no end. */
export function balanceUsd(world: World): number {
  const { creditUsd, drains } = world.account;
  if (creditUsd === null) return Number.POSITIVE_INFINITY;
  return drains ? creditUsd - spentUsd(world) : creditUsd;
}

/** USD an hour of the whole account now, as the console shows it. */
export function spendUsdPerHour(world: World): number {
  let sum = 0;
  for (const pod of world.pods.values()) {
    if (isRented(pod)) sum += computeUsdPerHour(pod);
    sum += pod.spans.at(-1)?.toMs === null ? (pod.spans.at(-1)?.diskUsdPerHour ?? 0) : 0;
  }
  return sum;
}
