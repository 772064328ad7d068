import { describe, expect, test } from "vitest";
import { createRateGovernor } from "../../../src/clients/http/rate-governor.js";
import { rateWindows } from "../../../src/clients/http/rate-limit.js";

const policy = '"minute";q=60;w=60, "hour";q=3000;w=3600, "day";q=50000;w=86400';

describe("rateWindows", () => {
  test("reads RunPod's headers", () => {
    expect(rateWindows('"minute";r=0;t=12, "hour";r=2800;t=1812', policy)).toEqual([
      { name: "minute", remaining: 0, resetSeconds: 12, quota: 60, windowSeconds: 60 },
      { name: "hour", remaining: 2800, resetSeconds: 1812, quota: 3000, windowSeconds: 3600 },
      { name: "day", remaining: null, resetSeconds: null, quota: 50000, windowSeconds: 86400 },
    ]);
  });

  test.each([
    ["minute;r=5;t=6", 5, 6],
    [' "minute" ; r = 5 ; t = 6 ', 5, 6],
    ['"minute";r=5', 5, null],
    ['"minute";R=5;t=soon', 5, null],
    ['"minute";r="5";t=6;pk=:abc:', 5, 6],
    ['"minute";r=-5;t=6', null, 6],
  ])("takes %s", (header, remaining, resetSeconds) => {
    expect(rateWindows(header, undefined)[0]).toMatchObject({ name: "minute", remaining, resetSeconds });
  });

  test("a comma or semicolon in a quoted name is the name's", () => {
    expect(rateWindows('"a,b;c";r=1;t=2, d;r=3', undefined).map(({ name }) => name)).toEqual(["a,b;c", "d"]);
  });

  test("what can't be read is left out and never throws", () => {
    for (const rubbish of ["", ",", ";;;", '"', '"open;r=1', "=,=;=", "é;r=1,\0,x;r=NaN", ",".repeat(9999)]) {
      expect(Array.isArray(rateWindows(rubbish, rubbish))).toBe(true);
    }
  });
});

describe("the governor", () => {
  function governor() {
    let now = 1_000_000;
    const it = createRateGovernor({ now: () => now });
    const note = (limit: string, status = 200, extra: Record<string, string> = {}) => {
      const headers: Record<string, string> = { ratelimit: limit, "ratelimit-policy": policy, ...extra };
      it.note(status, (name) => headers[name]);
    };
    return { it, note, pass: (ms: number) => (now += ms) };
  }

  test("knows nothing, slows nobody", () => {
    const { it } = governor();
    expect(it.paceMs(5000)).toBe(5000);
    expect(it.state()).toEqual({ isNear: false, detail: null });
  });

  test("plenty left: the pace that was asked for", () => {
    const { it, note } = governor();
    note('"minute";r=59;t=60, "day";r=49000;t=86000');
    expect(it.paceMs(5000)).toBe(5000);
    expect(it.state().isNear).toBe(false);
  });

  test("the day is what is left over what remains, less a tenth kept for the person", () => {
    const { it, note } = governor();
    note('"day";r=9000;t=40000');
    // 5,000 of the quota of 50,000 are kept back: 40,000 s for 4,000 requests.
    expect(it.paceMs(5000)).toBe(10_000);
    expect(it.paceMs(5000, 2)).toBe(20_000);
    expect(it.state().isNear).toBe(true);
  });

  test("polling at its pace never runs a window dry", () => {
    const { it, note, pass } = governor();
    let remaining = 30;
    let left = 60_000;
    for (;;) {
      note(`"minute";r=${remaining};t=${Math.ceil(left / 1000)}`);
      const wait = it.paceMs(1000);
      pass(wait);
      left -= wait;
      if (left <= 0) break;
      remaining -= 1;
    }
    expect(remaining).toBeGreaterThan(0);
  });

  test("an empty window is waited for, a full one forgotten", () => {
    const { it, note, pass } = governor();
    note('"minute";r=0;t=12');
    expect(it.paceMs(5000)).toBe(12_000);
    expect(it.state().detail).toBe("minute: 0 of 60 requests left, full again in 12 s");
    pass(12_000);
    expect(it.paceMs(5000)).toBe(5000);
    expect(it.state()).toEqual({ isNear: false, detail: null });
  });

  test("a 429 without windows is taken at its Retry-After", () => {
    const { it, note, pass } = governor();
    note("", 429, { "retry-after": "30", "ratelimit-policy": "" });
    expect(it.paceMs(5000)).toBe(30_000);
    expect(it.state()).toEqual({ isNear: true, detail: "request limit reached, 30 s to wait" });
    pass(30_000);
    expect(it.paceMs(5000)).toBe(5000);
  });

  test("without t the window's own length is taken", () => {
    const { it, note } = governor();
    note('"minute";r=0');
    expect(it.paceMs(5000)).toBe(60_000);
  });
});
