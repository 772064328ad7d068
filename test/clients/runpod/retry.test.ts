import { describe, expect, test } from "vitest";
import type { Try } from "../../../src/clients/http/retry.js";
import { runpodRetry } from "../../../src/clients/runpod/retry.js";
import { runpodWords } from "../../../src/clients/runpod/words.js";

const tried = (fields: Partial<Omit<Try, "header">>, headers: Record<string, string> = {}) =>
  runpodRetry({
    method: "GET",
    attempt: 1,
    status: 503,
    nowMs: 0,
    random: 0,
    header: (name) => headers[name],
    ...fields,
  });

describe("runpodRetry", () => {
  test.each(["GET", "HEAD", "PUT", "DELETE"] as const)("%s is sent again after 5xx and lost connections", (method) => {
    for (const status of [null, 500, 502, 503, 504]) expect(tried({ method, status })).toBe(500);
    expect(tried({ method, status: 400 })).toBeNull();
  });

  test.each(["POST", "PATCH"] as const)("%s only after a 429", (method) => {
    for (const status of [null, 500, 503]) expect(tried({ method, status })).toBeNull();
    expect(tried({ method, status: 429 }, { "retry-after": "12" })).toBe(12_000);
  });

  test("waits 1 s to 30 s, half of it by chance, and gives up after four tries", () => {
    expect([1, 2, 3, 4].map((attempt) => tried({ attempt }))).toEqual([500, 1000, 2000, null]);
    expect([1, 2, 3].map((attempt) => tried({ attempt, random: 1 }))).toEqual([1000, 2000, 4000]);
  });

  test("a 429 waits for the longest empty window, but for no more than a minute", () => {
    const policy = '"minute";q=60;w=60, "hour";q=3000;w=3600';
    const limits = {
      "ratelimit-policy": policy,
      ratelimit: '"minute";r=0;t=12, "hour";r=5;t=1812',
      "retry-after": "3",
    };
    expect(tried({ status: 429 }, limits)).toBe(12_000);
    expect(tried({ status: 429 }, { ...limits, ratelimit: '"hour";r=0;t=1812' })).toBeNull();
    expect(tried({ status: 429 }, { "retry-after": "61" })).toBeNull();
    expect(tried({ status: 429 }, { "retry-after": "60" })).toBe(60_000);
    expect(tried({ status: 429, random: 1 })).toBe(1000);
  });
});

describe("runpodWords", () => {
  const detail =
    "There are no longer any instances available with the requested specifications. Please refresh and try again.";

  test("the sentence about capacity is a kind of its own", () => {
    expect(runpodWords({ kind: "invalid", status: 400, message: `Bad Request: ${detail}` }).kind).toBe("noCapacity");
    const hostFull = "There are not enough free GPUs on the host machine to start this pod.";
    expect(runpodWords({ kind: "conflict", status: 409, message: hostFull }).kind).toBe("noCapacity");
    expect(runpodWords({ kind: "invalid", status: 400, message: "both persistent and network" }).kind).toBe("invalid");
    expect(runpodWords({ kind: "invalid", status: 422, message: detail }).kind).toBe("invalid");
  });

  test("a retired API says what to do", () => {
    expect(runpodWords({ kind: "gone", status: 410, message: "Gone" })).toMatchObject({
      message: "this RunPod API was retired",
      hint: "update hubify-tui",
    });
  });
});
