import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Cli } from "../../src/cli/cli.js";
import { buildProgram } from "../../src/cli/program.js";
import { fakeConnection } from "../app/fixtures.js";

type Answers = NonNullable<Parameters<typeof fakeConnection>[0]>;

async function run(words: readonly string[], answers: Answers = {}) {
  const fake = fakeConnection(answers);
  const [out, err]: [string[], string[]] = [[], []];
  const cli = {
    version: "0.0.0",
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    connect: async () => Promise.resolve(fake.connection),
    dataDir: () => "",
    nowMs: () => 0,
    interrupted: new AbortController().signal,
  } as unknown as Cli;
  const program = buildProgram(cli, () => Promise.resolve()).exitOverride();
  await program.parseAsync(["experiments", ...words], { from: "user" });
  return { out, err, calls: fake.calls };
}

const file = (path: string, more = {}) => ({ path, size: 3, kind: "data", where: "home", reason: null, ...more });

/** Two pages: the second has what is still on the pod. */
const listing = (_: unknown, { cursor }: { cursor?: string } = {}) =>
  cursor === undefined
    ? { rows: [file("a.txt"), file("plots/b.png", { kind: "figure" })], nextCursor: "plots/b.png" }
    : { rows: [file("big.ckpt", { where: "pod", size: null, reason: "too large" })], nextCursor: null };
const bytes = (_: unknown, path: unknown) => [Buffer.from(`of ${String(path)}`)];
const answers = { "outputs.list": listing as never, "outputs.download": bytes };

test("outputs are listed from as many pages as it takes", async () => {
  const { out } = await run(["outputs", "EXP-001"], answers);
  expect(out.join("\n").split("\n")).toEqual([
    "SIZE  KIND    WHERE  PATH",
    "3     data    home   a.txt",
    "3     figure  home   plots/b.png",
    "–     data    pod    big.ckpt (too large)",
  ]);
  expect((await run(["outputs", "EXP-001"])).out).toEqual(["no files"]);
});

test("one file is written under its name, all of them with their folders; what is on the pod is named", async () => {
  const dir = mkdtempSync(join(tmpdir(), "hubify-cli-"));
  await run(["outputs", "EXP-001", "plots/b.png", "--output", dir, "--attempt", "2"], answers);
  expect(readFileSync(join(dir, "b.png"), "utf8")).toBe("of plots/b.png");
  const all = await run(["outputs", "EXP-001", "--output", join(dir, "all")], answers);
  expect(readFileSync(join(dir, "all/plots/b.png"), "utf8")).toBe("of plots/b.png");
  expect(readdirSync(join(dir, "all"))).toEqual(["a.txt", "plots"]);
  expect(all.err).toEqual(["big.ckpt is not here: too large"]);
});

test("a server can't have a file written elsewhere", async () => {
  const dir = mkdtempSync(join(tmpdir(), "hubify-cli-"));
  const evil = () => ({ rows: [file("../../evil")], nextCursor: null });
  await expect(run(["outputs", "EXP-001", "--output", dir], { ...answers, "outputs.list": evil })).rejects.toThrow(
    /would be written elsewhere/,
  );
});

test("metrics are a table of the newest, or JSON", async () => {
  const answer = {
    experimentId: "e",
    points: [],
    last: { loss: { step: 20, value: 0.123456789, at: 1 }, acc: { step: 20, value: 0.5, at: 1 } },
    names: [
      { name: "loss", count: 12, ranks: 2 },
      { name: "acc", count: 3, ranks: 1 },
    ],
  };
  const { out, calls } = await run(["metrics", "x1", "--attempt", "2"], { "metrics.read": () => answer });
  expect(out.join("\n").split("\n")).toEqual([
    "NAME  LAST      STEP  POINTS  RANKS",
    "acc   0.5       20    3       1",
    "loss  0.123457  20    12      2",
  ]);
  expect(calls[0]).toEqual(["metrics.read", "x1", { attempt: 2, name: undefined, points: undefined }]);
  const json = await run(["metrics", "x1", "--json"], { "metrics.read": () => answer });
  expect(JSON.parse(json.out.join(""))).toEqual(answer);
});
