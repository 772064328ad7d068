import { cleanup } from "ink-testing-library";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draftOf, emptyDraft } from "../../../src/app/draft.js";
import { FailureError } from "../../../src/core/failure.js";
import { createUiMemory } from "../../../src/ui/memory.js";
import { experiment, stateOf } from "../../app/fixtures.js";
import { played, type StageOptions, templates } from "./stage.js";

afterEach(cleanup);

const loaded = stateOf({ type: "templates/received", rows: templates });

async function atForm(options: StageOptions = {}) {
  const person = played(loaded, options);
  await person.runner.run("experiment.new");
  await person.sees("[mcmc]");
  return person;
}

const created = (person: ReturnType<typeof played>) => person.fake.named("create").map(([, draft]) => draft);

describe("Enter, Enter", () => {
  const fromMcmc = {
    title: "Flat LCDM on BAO distances",
    computeMode: "CPU",
    priority: "normal",
    config: { chains: 4, stop: { rminus1: 0.01 } },
    template: "mcmc",
    estimatedSeconds: 240,
  };

  it("starts the first template as it is, closes the form and selects the new row", async () => {
    const person = await atForm();
    person.press("enter");
    await person.sees("Enter queues it");
    expect(created(person)).toEqual([]);
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(created(person)).toEqual([fromMcmc]);
    expect(person.state().experiments.selectedId).toBe("x99");
    expect(person.state().actions.notice?.text).toContain("is queued");
  });

  it("works when all keys come at once, before the form is drawn", async () => {
    const person = played(loaded);
    void person.runner.run("experiment.new");
    person.press("enter", "enter");
    await person.until(() => person.top() === null);
    expect(created(person)).toEqual([fromMcmc]);
  });

  it("waits for the templates when it is faster than they", async () => {
    const person = played(stateOf());
    await person.runner.run("experiment.new");
    await person.sees("asking the lab for its templates");
    person.press("enter", "enter");
    await person.sees("Will be queued when the templates are here");
    expect(created(person)).toEqual([]);
    person.store.dispatch({ type: "templates/received", rows: templates });
    await person.until(() => person.top() === null);
    expect(created(person)).toEqual([fromMcmc]);
  });

  it("sends once, however often Enter is pressed", async () => {
    const answer = Promise.withResolvers<ReturnType<typeof experiment>>();
    const person = await atForm({ answers: { create: () => answer.promise } });
    person.press("enter", "enter", "enter", "enter");
    await person.sees("waiting for the lab");
    person.press("enter");
    answer.resolve(experiment(99));
    await person.until(() => person.top() === null);
    expect(created(person)).toHaveLength(1);
  });
});

describe("fields", () => {
  it("send what was chosen and typed", async () => {
    const person = await atForm();
    person.press("right", "tab", "ctrl-u", "my run", "tab", "left", "tab", "left", "tab", "2h");
    await person.sees("2 h");
    person.press("ctrl-s");
    await person.until(() => person.top() === null);
    expect(created(person)).toEqual([
      {
        title: "my run",
        computeMode: "H200",
        priority: "high",
        config: { survey: "spherex" },
        template: "fisher-forecast",
        estimatedSeconds: 7200,
      },
    ]);
  });

  it("keep what was typed when another template is chosen", async () => {
    const person = await atForm();
    person.press("tab", "!", "up", "right");
    await person.sees("[fisher-forecast]");
    await person.sees("Flat LCDM on BAO distances!");
    await person.sees('"survey"');
  });

  it("take a paste as text; keys in it do nothing", async () => {
    const person = await atForm();
    person.press("tab", "ctrl-u");
    person.paste("pasted\ttitle\r\nqx\x1b[A");
    await person.sees("pasted title qx");
    expect(person.top()).toBe("newExperiment");
    expect(created(person)).toEqual([]);
  });

  it("say what is wrong beside the field, and go there instead of sending", async () => {
    const person = await atForm();
    person.press("tab", "ctrl-u", "ctrl-s");
    await person.sees("a title is needed");
    await person.sees("One field needs a change first");
    person.press("x", "tab", "tab", "tab", "ctrl-u", "soon", "ctrl-s");
    await person.sees("a number of seconds");
    expect(created(person)).toEqual([]);
  });
});

describe("the config", () => {
  it("shows line and column of a mistake and puts the cursor there", async () => {
    const person = played(loaded);
    person.open({
      kind: "newExperiment",
      draft: { title: "copy", template: "mcmc", config: { dependsOn: "EXP-054", mine: 1 } },
    });
    await person.sees("2:16 dependsOn: expected array");
    person.press("ctrl-s");
    await person.sees("Ctrl-S start");
    expect(created(person)).toEqual([]);
    // The cursor is at the value; `[` before it and `]` behind make it right.
    person.press("[", ...'"EXP-054"'.split("").map(() => "right"), "]");
    await person.sees('"dependsOn": ["EXP-054"]');
    person.press("ctrl-s");
    await person.until(() => person.top() === null);
    expect(created(person)).toMatchObject([{ config: { dependsOn: ["EXP-054"], mine: 1 } }]);
  });

  it("is edited as text; Enter makes a line with its indent", async () => {
    const person = await atForm();
    person.press("shift-tab", "shift-tab");
    await person.sees("Ctrl-S start");
    person.press("end", "enter", '"new": 1,');
    await person.sees('2   "new": 1,');
    person.press("ctrl-s");
    await person.until(() => person.top() === null);
    expect(created(person)).toMatchObject([{ config: { new: 1, chains: 4 } }]);
  });

  it("without a template needs a command", async () => {
    const person = await atForm();
    person.press("right", "right");
    await person.sees("[none]");
    person.press("tab", "mine", "ctrl-s");
    await person.sees("2:14 command: must not be empty");
    person.press("right", "echo hi", "ctrl-s");
    await person.until(() => person.top() === null);
    expect(created(person)).toEqual([
      { title: "mine", computeMode: "CPU", priority: "normal", config: { command: "echo hi" } },
    ]);
  });
});

describe("nothing is lost", () => {
  const refused = () => {
    throw new FailureError({ kind: "invalid", message: "interpreter for .R not found", hint: "install R" });
  };

  it("when the lab refuses: the form stays and says what the lab said", async () => {
    const create = vi.fn(refused);
    const person = await atForm({ answers: { create } });
    person.press("tab", " two", "ctrl-s");
    await person.sees("Not queued: interpreter for .R not found");
    expect(person.text()).toContain("install R");
    expect(person.text()).toContain("Flat LCDM on BAO distances two");
    create.mockImplementation(() => experiment(99) as never);
    person.press("ctrl-s");
    await person.until(() => person.top() === null);
    expect(create).toHaveBeenCalledTimes(2);
  });

  it("when it is closed: the next form has it again, and a copy in between takes nothing of it", async () => {
    const person = await atForm();
    person.press("right", "tab", " unsent", "esc");
    await person.until(() => person.top() === null);
    person.open({ kind: "newExperiment", draft: draftOf(experiment(7, { title: "copied", template: "mcmc" })) });
    await person.sees("copied");
    expect(person.text()).not.toContain("unsent");
    person.press("esc");
    await person.until(() => person.top() === null);
    person.open({ kind: "newExperiment", draft: emptyDraft });
    await person.sees("Fisher forecast unsent");
    expect(person.text()).toContain("as you left it");
  });

  it("when one starts over: Ctrl-R goes to an empty form and back", async () => {
    const person = await atForm();
    person.press("tab", " unsent", "esc");
    await person.until(() => person.top() === null);
    await person.runner.run("experiment.new");
    await person.sees("distances unsent");
    person.press("ctrl-r");
    await person.until(() => !person.text().includes("unsent"));
    person.press("ctrl-r");
    await person.sees("distances unsent");
  });

  it("until it has been sent", async () => {
    const memory = createUiMemory();
    const person = await atForm({ memory });
    person.press("tab", " unsent", "esc");
    await person.until(() => memory.read().unsent?.title.endsWith("unsent") === true);
    await person.runner.run("experiment.new");
    await person.sees("distances unsent");
    person.press("ctrl-s");
    await person.until(() => person.top() === null);
    expect(memory.read().unsent).toBeNull();
  });

  it("when it was closed while being sent and the lab then refuses", async () => {
    const answer = Promise.withResolvers<never>();
    const memory = createUiMemory();
    const person = await atForm({ memory, answers: { create: () => answer.promise } });
    person.press("tab", " kept", "ctrl-s");
    await person.sees("waiting for the lab");
    person.press("esc");
    await person.until(() => person.top() === null);
    answer.reject(new FailureError({ kind: "server", message: "disk full" }));
    await person.until(() => person.state().actions.notice?.tone === "bad");
    expect(memory.read().unsent?.title).toContain("kept");
  });
});
