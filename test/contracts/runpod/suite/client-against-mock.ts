import { Agent, type Dispatcher } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runpodClient } from "../../../../src/clients/runpod/index.js";
import { FailureError, toFailure } from "../../../../src/core/failure.js";
import { type Contract, type Prism, startPrism } from "../tools.js";

const draft = { name: "exp-1", image: "a/b:1", gpu: { id: "NVIDIA H200", count: 1 }, ports: ["22/tcp"], disk: 50 };

/** Our client reads what a mock makes of the contract alone, and names its errors. */
export function clientAgainstMock(contract: Contract): void {
  describe(`our client against a mock of ${contract.name}`, () => {
    let prism: Prism;
    beforeAll(async () => {
      prism = await startPrism(contract);
    }, 60_000);
    afterAll(() => prism.stop());

    /** A client whose requests ask the mock for a certain answer; `waits` are its retries. */
    function client(prefer?: string) {
      const waits: number[] = [];
      const time = {
        now: () => Date.now(),
        random: () => 0.5,
        sleep: async (ms: number) => waits.push(ms),
      };
      // Prism keeps to the Accept header even for errors, which RunPod sends as problem+json whatever was asked for.
      const asked = prefer === undefined ? {} : { prefer, accept: "application/json, application/problem+json" };
      const dispatcher: Dispatcher = new Agent().compose(
        (dispatch) => (options, handler) =>
          dispatch({ ...options, headers: { ...(options.headers as Record<string, string>), ...asked } }, handler),
      );
      return { waits, ...runpodClient({ apiKey: "rpa_TEST", baseUrl: prism.url, dispatcher, time }) };
    }

    test("reads pods, catalogue, bills and keys", async () => {
      const { pods, catalog, billing, account } = client();
      const [pod] = await pods.list();
      expect(pod).toMatchObject({ status: "RUNNING", locked: false });
      expect(pod?.runtime?.gpus.length).toBeGreaterThan(0);
      expect((await pods.get("any"))?.id).toBe(pod?.id);
      expect((await catalog.gpus({ count: 2 }))[0]).toMatchObject({ manufacturer: "NVIDIA", availability: "HIGH" });
      expect((await catalog.gpu("NVIDIA H200"))?.memory).toBeGreaterThan(0);
      const [bill] = await billing.pods({ span: { lastN: 3 } });
      expect(bill?.micros).toBe((bill?.gpuMicros ?? 0) + (bill?.diskMicros ?? 0));
      expect((await account.sshKeys())[0]).toMatch(/^ssh-/);
    });

    test("writes what the contract takes", async () => {
      const { pods } = client();
      expect((await pods.create({ ...draft, mounts: { persistent: { size: 50, path: "/workspace" } } })).id).not.toBe(
        "",
      );
      await pods.patch("any", { name: "exp-2", locked: true });
      for (const action of ["start", "stop", "restart"] as const) await pods[action]("any");
      await client("code=204").pods.terminate("any");
      expect(await pods.delete("any")).toBe(true);
    });

    test("a body that the contract refuses is not sent again", async () => {
      const { pods, waits } = client();
      const bad = { ...draft, gpu: { id: "NVIDIA H200", count: 0 } };
      await expect(pods.create(bad)).rejects.toMatchObject({ failure: { kind: "invalid", status: 422 } });
      expect(waits).toEqual([]);
    });

    test.each([
      [400, "invalid"],
      [401, "auth"],
      [403, "forbidden"],
      [404, "notFound"],
      [409, "conflict"],
      [422, "invalid"],
    ])("answer %i is a failure of kind %s", async (code, kind) => {
      const { pods, waits } = client(`code=${code}`);
      await expect(pods.patch("any", { name: "x" })).rejects.toMatchObject({ failure: { kind, status: code } });
      expect(waits).toEqual([]);
    });

    test("answer 429 is waited out as it says, also for a create", async () => {
      const { pods, waits } = client("code=429");
      await expect(pods.create(draft)).rejects.toMatchObject({
        failure: { kind: "rateLimit" },
      });
      expect(waits).toEqual([12_000, 12_000, 12_000]);
    });

    test("answer 500 is tried again for a list, never for an action", async () => {
      const reading = client("code=500");
      await expect(reading.pods.list()).rejects.toMatchObject({ failure: { kind: "server" } });
      expect(reading.waits).toHaveLength(3);
      const acting = client("code=500");
      await expect(acting.pods.stop("any")).rejects.toMatchObject({ failure: { kind: "server" } });
      expect(acting.waits).toEqual([]);
    });

    test("values nobody expects are read or refused as a failure, never thrown about", async () => {
      const { pods, catalog, billing } = client("dynamic=true");
      for (let round = 0; round < 5; round++) {
        const asked = [pods.list(), pods.get("any"), catalog.gpus(), billing.pods({ span: { lastN: 1 } })];
        for (const outcome of await Promise.allSettled(asked)) {
          if (outcome.status === "rejected")
            expect(outcome.reason, toFailure(outcome.reason).message).toBeInstanceOf(FailureError);
          else expect(outcome.value).toBeDefined();
        }
      }
    });
  });
}
