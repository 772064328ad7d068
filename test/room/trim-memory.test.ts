import { expect, test } from "vitest";
import { trimMemory } from "../../src/room/trim-memory.js";
import { manualTime } from "../app/fixtures.js";

function started() {
  const time = manualTime();
  let press = () => undefined as unknown;
  let bytes = 0;
  let collected = 0;
  trimMemory({
    timers: time.timers,
    nowMs: time.clock.now,
    onKey: (listener) => (press = listener),
    heldBytes: () => bytes,
    collect: () => {
      collected++;
      bytes = 20e6;
      return Promise.resolve();
    },
  });
  /** Lets what a look has begun come to its end. */
  const pass = async (ms: number) => {
    time.pass(ms);
    await new Promise(setImmediate);
  };
  return { pass, press: () => press(), hold: (next: number) => (bytes = next), collected: () => collected };
}

test("memory is given back once it has grown, and again only after it has grown anew", async () => {
  const { pass, hold, collected } = started();
  hold(5e6);
  await pass(4000);
  expect(collected()).toBe(0);
  hold(60e6);
  await pass(4000);
  await pass(4000);
  expect(collected()).toBe(1);
  hold(31e6);
  await pass(4000);
  expect(collected()).toBe(1);
  hold(33e6);
  await pass(4000);
  expect(collected()).toBe(2);
});

test("not while somebody types", async () => {
  const { pass, hold, press, collected } = started();
  hold(60e6);
  await pass(3000);
  press();
  await pass(1000);
  expect(collected()).toBe(0);
  await pass(4000);
  expect(collected()).toBe(1);
});

test("V8 itself does it", async () => {
  const time = manualTime();
  trimMemory({ timers: time.timers, nowMs: time.clock.now, onKey: () => undefined });
  time.pass(4000);
  // The next look is only planned when the collection is over.
  await expect.poll(time.pending).toBe(1);
});
