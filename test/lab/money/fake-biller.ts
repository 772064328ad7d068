import type { Balance, BilledHour } from "../../../src/contract/provider.js";
import type { Provider } from "../../../src/lab/pods/provider.js";

/** A provider that only bills: everything else refuses. */
export function openBiller(name = "runpod", rents = true) {
  const asked: number[] = [];
  const biller = {
    bill: [] as BilledHour[],
    balance: { micros: null, spendMicrosPerHour: null, reason: "no GraphQL" } as Balance,
    failure: null as Error | null,
    asked,
  };
  const refuse = () => Promise.reject(new Error("only bills"));
  const provider: Provider = {
    name,
    label: name,
    rents,
    paceMs: (atLeastMs) => atLeastMs,
    list: refuse,
    get: refuse,
    create: refuse,
    patch: refuse,
    start: refuse,
    stop: refuse,
    restart: refuse,
    terminate: refuse,
    followLog() {
      throw new Error("only bills");
    },
    stock: refuse,
    billing: (sinceMs) => {
      asked.push(sinceMs);
      if (biller.failure !== null) return Promise.reject(biller.failure);
      return Promise.resolve(biller.bill.filter(({ hourAt }) => hourAt >= sinceMs));
    },
    balance: () => Promise.resolve(biller.balance),
    close: () => Promise.resolve(),
  };
  return { ...biller, provider, biller };
}

/** A closed hour: `gpu` and `disk` in micro-dollars. */
export const billed = (providerId: string, hourAt: number, gpuMicros: number, diskMicros = 0): BilledHour => ({
  providerId,
  hourAt,
  micros: gpuMicros + diskMicros,
  gpuMicros,
  diskMicros,
  open: false,
});
