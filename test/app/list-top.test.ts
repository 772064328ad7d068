import { expect, it } from "vitest";
import { keepInView } from "../../src/app/effects/keep-in-view.js";
import { listTop, topInView } from "../../src/app/list-top.js";
import { experiment, room, stateOf } from "./fixtures.js";

const top = (before: number, cursor: number, length = 100, height = 10) =>
  topInView({ top: before, cursor, length, height });

it("scrolls no further than the cursor and a row beyond it need", () => {
  expect(top(20, 25)).toBe(20);
  expect(top(20, 28)).toBe(20);
  expect(top(20, 29)).toBe(21);
  expect(top(20, 21)).toBe(20);
  expect(top(20, 20)).toBe(19);
  expect(top(20, 90)).toBe(82);
});

it("ends with the list, and begins with it", () => {
  expect(top(50, 99)).toBe(90);
  expect(top(50, 0)).toBe(0);
  expect(top(50, -1)).toBe(0);
  expect(top(95, 97)).toBe(90);
  expect(top(3, 2, 4)).toBe(0);
  expect(top(0, 2, 4, 1)).toBe(2);
});

it("leaves the list where it is while the cursor moves inside the window", async () => {
  const rows = Array.from({ length: 100 }, (_, index) => experiment(index));
  const made = room(
    stateOf(
      { type: "experiments/received", rows },
      { type: "view/arranged", bodies: { queue: { width: 40, height: 10 } } },
      { type: "experiments/selected", id: "x0" },
    ),
  );
  keepInView(made.store);
  const press = async (id: string, times: number) => {
    for (let n = 0; n < times; n++) await made.runner.run(id);
    return listTop(made.state(), "queue");
  };
  const first = await press("list.down", 20);
  expect(first).toBeGreaterThan(0);
  expect(await press("list.up", 5)).toBe(first);
  expect(await press("list.up", 5)).toBeLessThan(first);
  expect(made.state().view.tops.queue).toBe(listTop(made.state(), "queue"));
});
