import type { Bench } from "./program.js";

const tickMs = 100;
const flatOutUnits = 256;

/**
 * How much work to do now, again and again, until the run is to stop. `perSecond` 0 is flat out, in pieces small enough
 * that a signal is noticed. After a pause (SIGSTOP, a laptop asleep) the work goes on at its pace and catches nothing up.
 */
export async function* paced(bench: Bench, perSecond: number): AsyncGenerator<number> {
  let owed = 0;
  while (!bench.isStopping()) {
    owed += perSecond === 0 ? flatOutUnits : (perSecond * tickMs) / 1000;
    const units = Math.floor(owed);
    owed -= units;
    if (units > 0) yield units;
    await bench.sleep(perSecond === 0 ? 0 : tickMs);
  }
}
