import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Asking, startAsking } from "./asking.js";

const hourMs = 3_600_000;
interface Records {
  readonly records: readonly {
    startTime: string;
    podId: string;
    totalAmount: number;
    gpuAmount: number;
    diskAmount: number;
  }[];
  readonly metadata: { readonly recordCount: number; readonly totals: { totalAmount: number } };
}

describe("money of the fake", () => {
  let asking: Asking;
  beforeEach(async () => {
    asking = await startAsking();
    asking.control.billing({ stepMs: 0 });
  });
  afterEach(() => asking.fake.close());

  const bill = async (query: string) =>
    (await asking.ask("GET", `/v2/billing/pods?${query}`)).json as unknown as Records;

  test("an hour costs what the pod said it costs, and a stopped volume twice its disk", async () => {
    const container = { disk: 50, mounts: { persistent: { size: 100, path: "/workspace" } } };
    const id = asking.control.addPod({ name: "p", gpu: { id: "NVIDIA H200", count: 2 }, ageMs: 0, container });
    asking.control.advance(hourMs + hourMs / 2);
    asking.control.status(id, "EXITED");
    asking.control.advance(hourMs + hourMs / 2);
    const { records } = await bill("bucketSize=hour&lastN=4");
    const disk = (150 * 0.1) / 730;
    const stopped = (100 * 0.2) / 730;
    expect(records.map(({ startTime, gpuAmount }) => [startTime, gpuAmount])).toEqual([
      ["2026-11-01T10:00:00Z", 7.18],
      ["2026-11-01T11:00:00Z", 3.59],
      ["2026-11-01T12:00:00Z", 0],
    ]);
    expect(records.map(({ diskAmount }) => diskAmount)).toEqual(
      [disk, disk / 2 + stopped / 2, stopped].map((usd) => expect.closeTo(usd, 6) as number),
    );
    const day = await bill("bucketSize=day&lastN=1");
    expect(day.metadata.totals.totalAmount).toBeCloseTo(10.77 + disk * 1.5 + stopped * 1.5, 5);
  });

  test("bills come late, in steps, and change afterwards; a terminated pod stays billed", async () => {
    const id = asking.control.addPod({ name: "p", ageMs: 0, container: { disk: 1 } });
    asking.control.advance(hourMs);
    asking.control.billing({ lagMs: 30 * 60_000, stepMs: 300_000 });
    const gpu = async () => (await bill("bucketSize=hour&lastN=2")).records.map(({ gpuAmount }) => gpuAmount);
    expect(await gpu()).toEqual([1.795]);
    asking.control.advance(4 * 60_000);
    expect(await gpu()).toEqual([1.795]);
    asking.control.vanish(id);
    asking.control.advance(hourMs);
    expect((await bill("bucketSize=hour&lastN=3")).records.map(({ gpuAmount }) => gpuAmount)).toEqual([3.59, 0.239333]);
    asking.control.revise(id, asking.startMs, -0.59);
    expect((await bill(`bucketSize=hour&lastN=3&podId=${id}`)).records[0]?.gpuAmount).toBe(3);
  });

  test("windows: last N or times, on whole buckets, never both", async () => {
    const { json } = await asking.ask("GET", "/v2/billing?bucketSize=week&lastN=2");
    expect(json["metadata"]).toMatchObject({
      query: { startTime: "2026-10-19T00:00:00Z", endTime: "2026-11-02T00:00:00Z", bucketSize: "week" },
      recordCount: 2,
    });
    const both = "/v2/billing/pods?lastN=1&startTime=2026-11-01T00:00:00Z";
    expect((await asking.ask("GET", both)).status).toBe(400);
    expect((await asking.ask("GET", "/v2/billing/pods?bucketSize=fortnight")).status).toBe(422);
  });

  const balanceQuery = { query: "query{myself{clientBalance currentSpendPerHr spendLimit underBalance}}" };

  test("the balance falls with what runs, and at its end pods are lost", async () => {
    const body = { name: "p", image: "a", gpu: { id: "NVIDIA H200", count: 1 }, disk: 1 };
    asking.control.balance(3);
    expect((await asking.ask("POST", "/v2/pods", body)).status).toBe(402);
    asking.control.balance(5);
    const { json } = await asking.ask("POST", "/v2/pods", body);
    asking.control.advance(hourMs);
    const { json: told } = await asking.ask("POST", "/graphql", balanceQuery);
    const { myself } = told["data"] as { myself: { clientBalance: number; currentSpendPerHr: number } };
    expect(myself.clientBalance).toBeCloseTo(5 - 3.59 - 0.1 / 730, 6);
    expect(myself.currentSpendPerHr).toBeCloseTo(3.59 + 0.1 / 730, 6);
    asking.control.advance(hourMs);
    expect((await asking.ask("GET", `/v2/pods/${String(json["id"])}`)).status).toBe(404);
  });

  test("a key without GraphQL is told so in a 200", async () => {
    asking.control.key("rpa_NARROW", { deny: ["graphql"] });
    const told = await asking.ask("POST", "/graphql", balanceQuery, "rpa_NARROW");
    expect([told.status, Object.keys(told.json)]).toEqual([200, ["errors", "data"]]);
  });
});
