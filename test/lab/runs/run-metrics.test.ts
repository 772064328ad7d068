import { readdirSync, writeFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { allLines, ended, freshDir, openLab } from "./runs-fixture.js";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function lab() {
  const opened = await openLab(freshDir());
  open.push(opened.close);
  return opened;
}

test("a run of a template of the lab's own: parameters, patterns of its own, metrics.jsonl", async () => {
  const here = await lab();
  const { labId, templates } = here;
  await templates.create({
    labId,
    name: "count",
    config: {
      command: `echo "tag {{tag}}"; echo "perplexity is 12.5"; printf '{"step":%s,"loss":0.5}\\n{"step":9,"acc":1}' {{steps}} > metrics.jsonl`,
    },
    parameters: [
      { name: "steps", type: "integer", default: 3 },
      { name: "tag", type: "string", default: "none" },
    ],
    metricPatterns: [{ name: "perplexity", pattern: "perplexity is (\\S+)" }],
  });
  const { _id } = await here.create({ tag: '"; touch pwned; echo "' }, { template: "count" });
  const done = await here.until(_id, ended);
  expect(done).toMatchObject({ status: "pass", template: "count" });
  expect(await allLines(here, _id)).toContain('tag "; touch pwned; echo "');
  const { last } = await here.services.metrics.read(_id, {});
  expect(last).toMatchObject({
    perplexity: { value: 12.5 },
    loss: { step: 3, value: 0.5 },
    acc: { step: 9, value: 1 },
  });
  expect(done.metrics).toMatchObject({ perplexity: 12.5, loss: 0.5 });
});

test("metrics.jsonl is followed while the run goes on", async () => {
  const here = await lab();
  const { _id } = await here.create({
    command: `echo '{"step":1,"loss":2}' >> metrics.jsonl; while [ ! -e go ]; do sleep 0.05; done; echo '{"step":2,"loss":1}' >> metrics.jsonl`,
  });
  await here.until(_id, ({ metrics }) => metrics["loss"] === 2);
  const dir = await here.store.db.selectFrom("runs").select("dir").executeTakeFirstOrThrow();
  expect(readdirSync(`${dir.dir}/work`)).toContain("metrics.jsonl");
  writeFileSync(`${dir.dir}/work/go`, "");
  expect((await here.until(_id, ended)).metrics).toMatchObject({ loss: 1 });
  const { points } = await here.services.metrics.read(_id, { name: "loss" });
  expect(points.map(({ step, value }) => [step, value])).toEqual([
    [1, 2],
    [2, 1],
  ]);
});
