import { expect, test } from "vitest";
import type { NewTemplate } from "../../../src/contract/template.js";
import { resolveRun } from "../../../src/lab/services/experiment-config.js";
import { configSource, pruneVersions } from "../../../src/lab/services/template-content.js";
import { createTemplates } from "../../../src/lab/services/templates.js";
import { templates as cards, programs } from "../../../src/lab/templates/index.js";
import { openLab as openServices } from "./lab-fixture.js";

const steps = { name: "steps", type: "integer", default: 1000, min: 1, max: 1_000_000 } as const;

async function openLab() {
  const lab = await openServices();
  const { store, labs, labId } = lab;
  const templates = createTemplates({ store, labs, builtIn: programs });
  const make = (draft: Partial<NewTemplate> = {}) =>
    templates.create({
      labId,
      name: "train",
      config: { command: "train --steps {{steps}}" },
      parameters: [steps],
      ...draft,
    });
  const plan = async (id: string) => {
    const source = await configSource(store, id);
    if (source === undefined) throw new Error("no such experiment");
    return resolveRun(source, cards);
  };
  return { ...lab, templates, make, plan };
}

test("the built-in templates are in every lab, with the bounds that their programs check", async () => {
  const { templates, labId } = await openLab();
  const { rows } = await templates.list({ labId, limit: 50 });
  expect(rows.map(({ name, builtIn }) => [name, builtIn])).toEqual(cards.map(({ name }) => [name, true]));
  const mcmc = rows.find(({ name }) => name === "mcmc");
  const find = (name: string) => mcmc?.parameters.find((parameter) => parameter.name === name);
  expect(find("chains")).toMatchObject({ type: "integer", min: 2, max: 64, default: 4 });
  expect(find("maxSteps")).toMatchObject({ type: "integer", min: 1, default: 20_000 });
  expect(find("prefix")).toMatchObject({ type: "string", default: "bao" });
  for (const { parameters } of rows) {
    expect(parameters.length).toBeGreaterThan(3);
    expect(parameters.every(({ description }) => description.length > 5)).toBe(true);
  }
  await expect(templates.patch("mcmc", { title: "mine" })).rejects.toThrow(/mcmc is built in and can't be changed/);
  await expect(templates.remove("builtin_mcmc")).rejects.toThrow(/built in/);
});

test("parameters of an experiment are checked with their paths, by the program too", async () => {
  const { templates, make, labId } = await openLab();
  await make();
  const use = async (name: string, config: Record<string, unknown>) =>
    (await templates.use(labId, name))({ title: "t", config });
  await expect(use("train", { steps: -3 })).rejects.toThrow("config.steps: must be 1..1000000 (was -3)");
  await expect(use("train", { steps: "5" })).rejects.toThrow(
    'config.steps: must be a whole number, 1..1000000 (was "5")',
  );
  await expect(use("mcmc", { chains: 1 })).rejects.toThrow("config.chains: must be 2..64 (was 1)");
  await expect(use("mcmc", { prefix: "../x" })).rejects.toThrow("config.prefix: must be a plain file name");
  await expect(use("anomaly-sweep", { injectionsPerCurve: 500 })).rejects.toThrow(
    "config.injectionsPerCurve: too many",
  );
  await expect(use("trian", {})).rejects.toThrow(/no template "trian" \(known: train, mcmc.*Did you mean "train"/);
});

test("an experiment keeps the template as it was when it was made, also when that is deleted", async () => {
  const { templates, make, create, plan, experiments, store, labId } = await openLab();
  await make({ title: "Train for {{steps}} steps", config: { command: "train {{steps}}", slots: 2 } });
  const first = await create({ template: "train", title: "run {{steps}}", config: { steps: 7 } });
  expect(first).toMatchObject({ title: "run 7", config: '{"steps":7}', template: "train" });
  await templates.patch("train", { config: { command: "other {{steps}}" } }, labId);
  const second = await create({ template: "train", config: {} });
  await templates.remove("train", labId);

  const sourceOfFirst = await plan(first._id);
  expect(sourceOfFirst.config).toMatchObject({
    command: 'train "${HUBIFY_PARAM_steps}"',
    env: { HUBIFY_PARAM_steps: "7" },
    slots: 2,
  });
  expect((await plan(second._id)).config).toMatchObject({
    command: 'other "${HUBIFY_PARAM_steps}"',
    env: { HUBIFY_PARAM_steps: "1000" },
  });
  await expect(create({ template: "train" })).rejects.toThrow(/no template "train"/);

  // One that passed is copied with the template that it had.
  await store.db.updateTable("experiments").set({ status: "pass" }).where("id", "=", first._id).execute();
  const copy = await experiments.restart(first._id);
  expect((await plan(copy._id)).config.command).toBe('train "${HUBIFY_PARAM_steps}"');

  await experiments.remove(second._id);
  await pruneVersions(store);
  const left = await store.db.selectFrom("template_versions").select("content").execute();
  expect(left.map(({ content }) => (JSON.parse(content) as { config: { command: string } }).config.command)).toEqual([
    "train {{steps}}",
  ]);
});

test("the lab's own template goes before the built-in one of that name", async () => {
  const { templates, make, create, plan, labId } = await openLab();
  await make({ name: "mcmc", config: { command: "my-mcmc" }, parameters: [] });
  expect(await templates.get("mcmc", labId)).toMatchObject({ builtIn: false });
  const { _id } = await create({ template: "mcmc", config: {} });
  expect(await plan(_id)).toMatchObject({ program: null, config: { command: "my-mcmc" } });
});

test("a template of an experiment runs the same program with the same config", async () => {
  const { templates, create, plan, labId } = await openLab();
  const from = await create({
    template: "mcmc",
    title: "BAO chain",
    config: { chains: 8, dependsOn: [] },
    estimatedSeconds: 50,
  });
  const made = await templates.create({ name: "eight", fromExperiment: from.experimentId });
  expect(made).toMatchObject({
    labId,
    title: "BAO chain",
    program: "mcmc",
    config: { chains: 8 },
    estimatedSeconds: 50,
    fromExperiment: from._id,
  });
  expect(made.config).not.toHaveProperty("dependsOn");
  expect(made.parameters.map(({ name }) => name)).toContain("chains");
  const { _id } = await create({ template: "eight", config: { seed: 3 } });
  expect(await plan(_id)).toMatchObject({ program: "mcmc", values: { chains: 8, seed: 3, prefix: "bao" } });
  await expect(create({ template: "eight", config: { chains: 65 } })).rejects.toThrow(
    "config.chains: must be 2..64 (was 65)",
  );
});

test.each<[string, Partial<NewTemplate>, RegExp]>([
  [
    "a parameter named like a field of the lab",
    { parameters: [{ name: "command", type: "string" }] },
    /parameters\.0\.name: is a field/,
  ],
  [
    "an enum without options",
    { parameters: [{ name: "mode", type: "enum" }] },
    /parameters\.0\.options: an enum needs them/,
  ],
  [
    "a default out of bounds",
    { parameters: [{ ...steps, default: 0 }] },
    /parameters\.0\.default: must be 1\.\.1000000 \(was 0\)/,
  ],
  ["a parameter that is there twice", { parameters: [steps, steps] }, /parameters\.1\.name: steps is there twice/],
  [
    "a placeholder of no parameter",
    { config: { command: "x {{stepz}}" } },
    /config\.command: \{\{stepz\}\} is no parameter.*"steps"/,
  ],
  [
    "a value of its own that is out of bounds",
    { config: { command: "x", steps: 0 } },
    /config\.steps: must be 1\.\.1000000/,
  ],
  ["an unknown program", { program: "mcmcc" }, /program: no program "mcmcc" \(known: mcmc/],
  ["a pattern that is none", { metricPatterns: [{ name: "a", pattern: "(" }] }, /metricPatterns\.0\.pattern: /],
  [
    "a pattern that matches nothing at all",
    { metricPatterns: [{ name: "a", pattern: "\\d*" }] },
    /matches an empty line/,
  ],
  [
    "a group that is not there",
    { metricPatterns: [{ name: "a", pattern: "x(\\d)", group: 2 }] },
    /group: the pattern has 1 groups, not 2/,
  ],
  [
    "a pattern that takes for ever on nothing",
    { metricPatterns: [{ name: "a", pattern: "(?:(?:(?:a?){900}){900}){900}" }] },
    /metricPatterns\.0\.pattern: /,
  ],
  [
    "a config that is too large",
    { config: { command: "x", blob: "y".repeat(70_000) } },
    /config: is larger than 64 KiB/,
  ],
  ["neither lab nor experiment", { labId: undefined }, /labId: is required/],
])("refuses %s", async (_, draft, words) => {
  const { make } = await openLab();
  await expect(make(draft)).rejects.toThrow(words);
});

test("names are taken once; pages hold their cursor; changes are told", async () => {
  const { templates, make, labId, events } = await openLab();
  await make();
  await expect(make()).rejects.toThrow("name: train is taken in this lab");
  const other = await make({ name: "other" });
  await expect(templates.patch(other._id, { name: "train" })).rejects.toThrow("name: train is taken");
  const names: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const page = await templates.list({ labId, limit: 2, cursor });
    names.push(...page.rows.map(({ name }) => name));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  expect(names).toEqual([...cards.map(({ name }) => name), "train", "other"]);
  await expect(templates.list({ labId, limit: 2, cursor: "nothing" })).rejects.toThrow(/^cursor: /);
  await templates.remove(other._id);
  const told = (await events()).filter((event) => event.startsWith("template."));
  expect(told.map((event) => event.split(" ")[0])).toEqual([
    "template.created",
    "template.created",
    "template.deleted",
  ]);
});
