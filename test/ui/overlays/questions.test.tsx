import { cleanup } from "ink-testing-library";
import { afterEach, describe, expect, it } from "vitest";
import { experiment, stateOf } from "../../app/fixtures.js";
import { played } from "./stage.js";

afterEach(cleanup);

const running = stateOf(
  {
    type: "experiments/received",
    rows: [experiment(54, { status: "running", attempt: 1 }), experiment(55, { status: "fail" })],
  },
  { type: "experiments/selected", id: "x54" },
);

describe("a question before a stop", () => {
  async function asked() {
    const person = played(running);
    await person.runner.run("experiment.cancel");
    await person.sees("Stop EXP-054");
    return person;
  }

  it("is answered by y alone", async () => {
    const person = await asked();
    person.press("y");
    await person.until(() => person.fake.named("cancel").length === 1);
    expect(person.fake.named("cancel")[0]).toEqual(["cancel", "x54"]);
    expect(person.top()).toBeNull();
  });

  it("is never answered by Enter, and says so", async () => {
    const person = await asked();
    person.press("enter");
    await person.sees("Enter does nothing here");
    expect(person.fake.named("cancel")).toEqual([]);
    expect(person.top()).toBe("confirm");
  });

  it.each(["n", "esc"])("is declined by %s", async (key) => {
    const person = await asked();
    person.press(key);
    await person.until(() => person.top() === null);
    expect(person.fake.named("cancel")).toEqual([]);
  });

  it("takes no key from a paste", async () => {
    const person = await asked();
    person.paste("yyy");
    person.press("q");
    await person.sees("Press y or n");
    expect(person.fake.named("cancel")).toEqual([]);
    expect(person.top()).toBe("confirm");
  });
});

describe("a word to be typed", () => {
  async function asked() {
    const person = played(
      stateOf(
        { type: "experiments/received", rows: [experiment(55, { status: "fail" })] },
        { type: "experiments/selected", id: "x55" },
      ),
    );
    await person.runner.run("experiment.delete");
    await person.sees("Type EXP-055 and press Enter");
    return person;
  }

  it("deletes only for the exact word", async () => {
    const person = await asked();
    person.press("EXP-05", "enter");
    await person.sees("That is not EXP-055");
    expect(person.fake.named("remove")).toEqual([]);
    person.press("5", "enter");
    await person.until(() => person.fake.named("remove").length === 1);
    expect(person.top()).toBeNull();
  });

  it("says what to type when Enter comes first", async () => {
    const person = await asked();
    person.press("enter");
    await person.sees("Type EXP-055 first");
    person.press("y", "esc");
    await person.until(() => person.top() === null);
    expect(person.fake.named("remove")).toEqual([]);
  });

  it("takes a pasted word as text", async () => {
    const person = await asked();
    person.paste("EXP-055\n");
    await person.sees("> EXP-055");
    expect(person.fake.named("remove")).toEqual([]);
    person.press("enter");
    await person.until(() => person.fake.named("remove").length === 1);
  });
});
