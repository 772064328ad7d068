import { closeSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Pool } from "undici";
import { labFiles } from "../../src/config/paths.js";
import { runFiles } from "../../src/lab/executors/executor.js";
import { runDirectory } from "../../src/lab/runs/run-directory.js";
import { type Bench, median, type Row } from "./bench.js";
import { startForegroundLab } from "./foreground-lab.js";
import { giveLongLog } from "./long-log.js";
import { commonWord, documentId, millionStore, openStore, rareWord } from "./million-store.js";
import { schedulerPasses } from "./scheduler-pass.js";

const few = { experiments: 1_000, logBytes: 100e6 };
const many = { experiments: 1_000_000, logBytes: 10e9 };
/** How much slower the large lab may be to be called flat. */
const flatRatio = 1.5;
const samples = 60;
const warmUps = 15;
const probers = 4;

interface Lab {
  readonly count: number;
  readonly lines: number;
  /** The newest experiment, which has the long log. */
  readonly longest: string;
  readonly startMs: number;
  readonly passesMs: readonly number[];
  /** ms to the last byte of the answer. */
  ask(path: string, request?: { readonly method: "POST" | "DELETE"; readonly body?: unknown }): Promise<number>;
}

/** A lab of its own process on a copy of the store, with a log of so many bytes. */
async function openLab(cleanup: AsyncDisposableStack, { experiments, logBytes }: typeof few): Promise<Lab> {
  const { home, labDir } = await millionStore(cleanup, experiments);
  const longest = documentId(experiments);
  const { store } = await openStore(labFiles(labDir).database);
  const lines = await giveLongLog(store.db, { labDir, id: longest, bytes: logBytes });
  const passesMs = await schedulerPasses(store, samples);
  await store.close();
  for (const file of [labFiles(labDir).database, join(runDirectory(labDir, longest, 1), runFiles.out)]) flush(file);
  const { url, firstAnswerMs } = await startForegroundLab(cleanup, home, labDir);
  const authorization = `Bearer ${readFileSync(labFiles(labDir).token, "utf8").trim()}`;
  const pool = new Pool(url, { connections: 1 + probers, pipelining: 1 });
  cleanup.defer(() => pool.destroy());
  const ask: Lab["ask"] = async (path, { method, body: sent } = { method: "GET" } as never) => {
    const headers = { authorization, "content-type": "application/json" };
    const content = sent === undefined ? null : JSON.stringify(sent);
    const startedAt = performance.now();
    const { statusCode, body } = await pool.request({ method, path, headers, body: content });
    const text = await body.text();
    const ms = performance.now() - startedAt;
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    return ms;
  };
  return { count: experiments, lines, longest, startMs: firstAnswerMs, passesMs, ask };
}

/** A copy that is still on its way to the disk would be waited for by the first commits. */
function flush(path: string): void {
  const file = openSync(path, "r+");
  fsyncSync(file);
  closeSync(file);
}

interface Question {
  readonly what: string;
  readonly limitMs: number;
  readonly note: string;
  readonly ask: (lab: Lab) => Promise<number>;
}

const list = "/v1/experiments?labId=local&limit=20";
const logOf = (query: string) => (lab: Lab) => lab.ask(`/v1/experiments/${lab.longest}/logs?limit=100${query}`);
const deep = ({ count }: Lab) => documentId(Math.floor(count * 0.4));
const newDraft = { labId: "local", title: "one more chain", draft: true, config: { command: "true" } };

const questions: readonly Question[] = [
  { what: "list, newest 20", limitMs: 10, note: "as it is shown first", ask: ({ ask }) => ask(list) },
  {
    what: "list, 20 deep inside",
    limitMs: 10,
    note: "after the cursor of an experiment at 40 %",
    ask: (lab) => lab.ask(`${list}&cursor=${deep(lab)}`),
  },
  {
    what: "list, by status",
    limitMs: 10,
    note: "status=fail, every fifth",
    ask: ({ ask }) => ask(`${list}&status=fail`),
  },
  {
    what: "list, by a status nobody has",
    limitMs: 10,
    note: "status=running",
    ask: ({ ask }) => ask(`${list}&status=running`),
  },
  { what: "list, by project", limitMs: 10, note: "one of fifty", ask: ({ ask }) => ask(`${list}&projectId=p7`) },
  {
    what: "queues with what is in them",
    limitMs: 10,
    note: "all of the lab's, with counts",
    ask: ({ ask }) => ask("/v1/experiments/queues?labId=local"),
  },
  {
    what: "search, a word of every title",
    limitMs: 50,
    note: "20 results",
    ask: ({ ask }) => ask(`/v1/search?labId=local&limit=20&q=${commonWord}`),
  },
  {
    what: "search, a rare word",
    limitMs: 50,
    note: "in 20 titles",
    ask: ({ ask }) => ask(`/v1/search?labId=local&limit=20&q=${rareWord}`),
  },
  {
    what: "search, both words",
    limitMs: 50,
    note: "20 results",
    ask: ({ ask }) => ask(`/v1/search?labId=local&limit=20&q=${commonWord}+${rareWord}`),
  },
  {
    what: "search, two letters",
    limitMs: 50,
    note: "what half the words begin with",
    ask: ({ ask }) => ask("/v1/search?labId=local&limit=20&q=mo"),
  },
  {
    what: "activity, newest 50",
    limitMs: 15,
    note: "an event of each experiment",
    ask: ({ ask }) => ask("/v1/activity?labId=local"),
  },
  {
    what: "activity, of a kind",
    limitMs: 15,
    note: "event=experiment.failed",
    ask: ({ ask }) => ask("/v1/activity?labId=local&event=experiment.failed"),
  },
  {
    what: "activity, of a kind that never was",
    limitMs: 15,
    note: "event=pod.trouble",
    ask: ({ ask }) => ask("/v1/activity?labId=local&event=pod.trouble"),
  },
  { what: "log, last 100 lines", limitMs: 20, note: "of the long log", ask: logOf("") },
  {
    what: "log, around the middle",
    limitMs: 20,
    note: "100 lines",
    ask: (lab) => logOf(`&around=${lab.lines >> 1}`)(lab),
  },
  {
    what: "log, last 10 errors",
    limitMs: 60,
    note: "level=error, one in 67,500 lines",
    ask: ({ ask, longest }) => ask(`/v1/experiments/${longest}/logs?limit=10&level=error`),
  },
  { what: "log, of a level it has not", limitMs: 20, note: "level=warn", ask: logOf("&level=warn") },
  {
    what: "create one",
    limitMs: 25,
    note: "POST of a draft, on disk when it answers",
    ask: ({ ask }) => ask("/v1/experiments", { method: "POST", body: newDraft }),
  },
];

/** ms of each question on each lab, in turns, so that what else the machine does is in both. */
async function askBoth(labs: readonly Lab[], { ask }: Question): Promise<number[]> {
  const times = labs.map(() => [] as number[]);
  for (let round = 0; round < warmUps + samples; round++) {
    for (const [index, lab] of labs.entries()) {
      const ms = await ask(lab);
      if (round >= warmUps) times[index]?.push(ms);
    }
  }
  return times.map((each) => median(each) ?? Number.NaN);
}

/** Deletes the experiment with the long log while others ask: how long that took, and how long the unluckiest of them waited. */
async function deleteLongest(lab: Lab): Promise<{ tookMs: number; worstMs: number }> {
  let isOver = false;
  let worstMs = 0;
  const probe = async () => {
    while (!isOver) worstMs = Math.max(worstMs, await lab.ask(list));
  };
  const probing = Array.from({ length: probers }, probe);
  const tookMs = await lab.ask(`/v1/experiments/${lab.longest}`, { method: "DELETE" });
  isOver = true;
  await Promise.all(probing);
  return { tookMs, worstMs };
}

const name = (count: number) => count.toLocaleString("en-US");

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const small = await openLab(cleanup, few);
  const large = await openLab(cleanup, many);
  const beside = `ours with ${name(few.experiments)}`;
  const rows: Row[] = [];
  const add = (
    what: string,
    limit: number | null,
    [mine = Number.NaN, other = Number.NaN]: readonly number[],
    note: string,
  ) =>
    void rows.push({
      what: `${name(many.experiments)} experiments: ${what}`,
      ours: mine,
      unit: "ms",
      limit,
      sense: "most",
      peers: { [beside]: other },
      note,
    });
  for (const question of questions) {
    const [other = Number.NaN, mine = Number.NaN] = await askBoth([small, large], question);
    add(
      question.what,
      question.limitMs,
      [mine, other],
      `${question.note}; median of ${samples} requests, one after the other`,
    );
  }
  const passes = [large, small].map(({ passesMs }) => median(passesMs) ?? Number.NaN);
  add(
    "a pass of the scheduler",
    25,
    passes,
    `in process: reads the queue, plans, tells the one that waits; median of ${samples}`,
  );
  const flat = rows.map(({ what, ours, peers }) => ({ what, ratio: (ours ?? 0) / (peers?.[beside] ?? Number.NaN) }));
  const worst = flat.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  const deletions = [await deleteLongest(large), await deleteLongest(small)];
  const logs = `log of ${many.logBytes / 1e9} GB, ${few.logBytes / 1e9} GB beside it`;
  add(
    "others wait while one is deleted",
    100,
    deletions.map(({ worstMs }) => worstMs),
    `the longest of ${probers} connections that ask for the newest 20; ${logs}`,
  );
  add(
    "deleting one takes",
    null,
    deletions.map(({ tookMs }) => tookMs),
    `${logs}; its rows go slice by slice`,
  );
  add("lab start to first answer", 500, [large.startMs, small.startMs], "exec to the answer of /v1/health, once");
  return [
    {
      what: `${name(many.experiments)} experiments: as fast as ${name(few.experiments)}, the worst of these`,
      ours: worst.ratio,
      unit: "×",
      limit: flatRatio,
      sense: "most",
      note: `${worst.what}; a lab each, asked in turns over HTTP, with a log of ${many.logBytes / 1e9} GB and of ${few.logBytes / 1e9} GB`,
    },
    ...rows,
  ];
}

export const millionLab: Bench = { name: "million-lab", run };
