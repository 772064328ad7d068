import { describe, expect, test, vi } from "vitest";
import { candidateName, planCandidates, type Wish } from "../../../src/clients/runpod/candidates.js";
import { CpuType, GpuType } from "../../../src/clients/runpod/catalog.js";
import { createFromCandidates } from "../../../src/clients/runpod/create-from-candidates.js";
import { type CreatePod, RunpodPod } from "../../../src/clients/runpod/pod.js";
import { type Failure, FailureError } from "../../../src/core/failure.js";

const gpu = (id: string, secure: number, places: Record<string, string>, more: object = {}) =>
  GpuType.parse({
    id,
    name: id.replace("NVIDIA ", ""),
    secure: true,
    community: true,
    price: { secure, community: 0 },
    maxCount: { secure: 8, community: 0 },
    dataCenters: Object.entries(places).map(([place, availability]) => ({ id: place, name: place, availability })),
    ...more,
  });

const gpus = [
  gpu("NVIDIA H200", 3.59, { "EU-RO-1": "LOW", "US-TX-3": "HIGH" }),
  gpu("NVIDIA H200 NVL", 3.39, { "US-KS-2": "HIGH", "EU-RO-1": "NONE" }),
  gpu("NVIDIA H100 PCIe", 2.39, { "US-KS-2": "PLENTY" }),
  gpu("NVIDIA L4", 0, {}, { availability: "MEDIUM" }),
];

const wish = (fields: Partial<Wish> = {}): Wish => ({
  gpuType: "H200",
  gpuCount: 1,
  cloud: "SECURE",
  regions: [],
  ...fields,
});
const names = (fields: Partial<Wish> = {}) => planCandidates(wish(fields), { gpus }).map(candidateName);

function refusal(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("was not refused");
}

describe("the order", () => {
  test("stock before price, nothing that is out of stock", () => {
    expect(names()).toEqual(["1×NVIDIA H200 NVL in US-KS-2", "1×NVIDIA H200 in US-TX-3", "1×NVIDIA H200 in EU-RO-1"]);
  });

  test("places as they were wished for come first", () => {
    expect(names({ regions: ["EU-RO-1", "US-TX-3"] })).toEqual([
      "1×NVIDIA H200 in EU-RO-1",
      "1×NVIDIA H200 in US-TX-3",
    ]);
  });

  test("an id or a name of the catalogue, whatever the case; unknown stock is tried", () => {
    expect(names({ gpuType: "nvidia h100 pcie" })).toEqual(["1×NVIDIA H100 PCIe in US-KS-2"]);
    expect(names({ gpuType: "h100 PCIe" })).toEqual(["1×NVIDIA H100 PCIe in US-KS-2"]);
    expect(names({ gpuType: "NVIDIA L4" })).toEqual(["1×NVIDIA L4"]);
  });

  test("the price is that of the whole pod, and the limit holds", () => {
    const both = planCandidates(wish({ gpuCount: 2, maxCostPerHourUsd: 7 }), { gpus });
    expect(both.map(({ costPerHourUsd }) => costPerHourUsd)).toEqual([6.78]);
    const { message } = refusal(() => names({ maxCostPerHourUsd: 3 }));
    expect(message).toBe("1×H200 for at most $3.00/h is not to be had: it costs $3.39/h");
  });

  test("an unknown price is over every limit", () => {
    expect(refusal(() => names({ gpuType: "NVIDIA L4", maxCostPerHourUsd: 99 })).message).toMatch(/price is unknown/);
  });

  test("CPU pods by flavour", () => {
    const cpus = ["cpu3c", "cpu5c"].map((id, index) =>
      CpuType.parse({
        id,
        vcpu: { min: 2, max: 32 },
        price: { securePerVcpu: 0.04 - index / 100 },
        dataCenters: [{ id: "EU-RO-1", availability: "HIGH" }],
      }),
    );
    const [first] = planCandidates(wish({ gpuType: "cpu", vcpuCount: 8 }), { gpus, cpus });
    expect(first).toMatchObject({ compute: { cpu: { id: "cpu5c", vcpuCount: 8 } }, costPerHourUsd: 0.24 });
  });

  test.each([
    [{ gpuType: "H201" }, "invalid", 'RunPod has no GPU "H201"'],
    [{ gpuCount: 16 }, "invalid", "a pod has at most 8×H200"],
    [{ cloud: "COMMUNITY" as const }, "invalid", "RunPod rents no H200 in its community cloud"],
    [{ regions: ["AP-JP-1"] }, "noCapacity", "H200 is in none of AP-JP-1"],
    [
      { gpuType: "NVIDIA H200 NVL", regions: ["EU-RO-1"] },
      "noCapacity",
      "1×NVIDIA H200 NVL is out of stock in EU-RO-1",
    ],
  ])("%j is refused in words", (fields, kind, message) => {
    expect(refusal(() => names(fields))).toMatchObject({ kind, message });
  });
});

describe("one POST per candidate", () => {
  const candidates = planCandidates(wish(), { gpus });
  const base = { name: "exp-1", image: "a/b:c" };
  const pod = RunpodPod.parse({ id: "p1" });
  const noCapacity: Failure = { kind: "noCapacity", status: 400, message: "There are no longer any instances" };

  /** Each POST is answered with the next of these. */
  function answering(...answers: (Failure | "made")[]) {
    return vi.fn<(body: CreatePod) => Promise<{ pod: RunpodPod; wasFound: boolean }>>(async () => {
      const next = answers.shift()!;
      if (next !== "made") throw new FailureError(next);
      return { pod, wasFound: false };
    });
  }
  const failing = async (post: ReturnType<typeof answering>) => {
    const error: unknown = await createFromCandidates(post, base, candidates).catch((reason: unknown) => reason);
    return (error as FailureError).failure;
  };

  test("until one is made", async () => {
    const post = answering(noCapacity, { ...noCapacity, kind: "invalid", message: "other words for it" }, "made");
    const made = await createFromCandidates(post, base, candidates);
    expect(made).toMatchObject({ pod: { id: "p1" }, tried: candidates.slice(0, 2).map(candidateName) });
    expect(post.mock.calls.map(([body]) => [body.gpu?.id, body.gpu?.count, body.dataCenterIds])).toEqual([
      ["NVIDIA H200 NVL", 1, ["US-KS-2"]],
      ["NVIDIA H200", 1, ["US-TX-3"]],
      ["NVIDIA H200", 1, ["EU-RO-1"]],
    ]);
  });

  test("all in vain: the last words, and what was tried", async () => {
    const failure = await failing(answering(noCapacity, noCapacity, { ...noCapacity, message: "still none" }));
    expect(failure.message).toBe(`still none (tried ${candidates.map(candidateName).join(", ")})`);
    expect(failure.kind).toBe("noCapacity");
  });

  test.each([
    ["auth", 401],
    ["payment", 402],
    ["forbidden", 403],
    ["invalid", 422],
    ["network", undefined],
    ["timeout", undefined],
    ["server", 502],
  ] as const)("%s ends it", async (kind, status) => {
    const post = answering({ kind, status, message: "no" }, "made");
    expect(await failing(post)).toMatchObject({ kind, message: "no" });
    expect(post).toHaveBeenCalledTimes(1);
  });

  test("a 400 about the body is not sent once per data centre", async () => {
    const body: Failure = { kind: "invalid", status: 400, message: "persistent and network are exclusive" };
    const post = answering(body, body, body);
    await failing(post);
    expect(post).toHaveBeenCalledTimes(2);
  });
});
