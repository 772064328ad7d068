import { describe, expect, it, vi } from "vitest";
import { attach } from "../../src/app/effects/attach.js";
import { readBytes } from "../../src/app/output-file.js";
import type { AppEvent } from "../../src/app/store.js";
import type { OutputFile } from "../../src/contract/output.js";
import { experiment, fakeHost, room, stateOf } from "./fixtures.js";
import { queue } from "./queue.js";

const rows = [experiment(1, { status: "fail", attempt: 1 }), experiment(2, { status: "running", attempt: 1 })];
const file = (path: string, changes: Partial<OutputFile> = {}): OutputFile => ({
  _id: path,
  path,
  name: path.slice(path.lastIndexOf("/") + 1),
  size: 3,
  modifiedAt: null,
  mimeType: "text/plain",
  kind: "data",
  where: "home",
  reason: null,
  ...changes,
});

type Options = NonNullable<Parameters<typeof room>[1]>;
function attached(options: Options = {}) {
  const made = room(stateOf({ type: "experiments/received", rows }), options);
  const stop = attach(made.fake.connection, made);
  return {
    ...made,
    stop,
    open: (id: string, tab: "overview" | "qc" | "history" | "attempts" | "outputs" = "overview") =>
      made.store.dispatch({ type: "view/overlayOpened", overlay: { kind: "experiment", id, tab } }),
    close: () => made.store.dispatch({ type: "view/overlayClosed" }),
    detail: () => made.state().experimentDetail,
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("an experiment's detail", () => {
  it("asks for a part only while it is open, and forgets it when it is closed", () => {
    const made = attached();
    made.open("x1");
    expect(Object.keys(made.fake.sinks).filter((name) => /x1/.test(name))).toEqual([]);
    made.store.dispatch({ type: "experimentDetail/tabbed", experimentId: "x1", tab: "history" });
    expect(made.fake.sinks["statuses x1"]).toHaveLength(1);
    made.store.dispatch({ type: "experimentDetail/tabbed", experimentId: "x1", tab: "qc" });
    expect(made.fake.sinks["statuses x1"]).toHaveLength(0);
    made.fake.push("qc x1", { verdict: "pass" });
    expect(made.detail().parts.qc.value).toEqual({ verdict: "pass" });
    made.close();
    expect(made.fake.sinks["qc x1"]).toHaveLength(0);
    expect(made.detail()).toMatchObject({ experimentId: null, parts: { qc: { value: null } } });
  });

  it("shows the newest change of status first", () => {
    const made = attached();
    made.open("x1", "history");
    made.fake.push("statuses x1", [{ _id: "a" }, { _id: "b" }]);
    expect(made.detail().parts.history.value?.map(({ _id }) => _id)).toEqual(["b", "a"]);
  });

  it("keeps what it knows when it can't be asked again", () => {
    const made = attached();
    made.open("x1", "attempts");
    made.fake.push("attempts x1", [{ attempt: 1 }]);
    const failure = { kind: "network", message: "gone" } as const;
    for (const sink of made.fake.sinks["attempts x1"] ?? []) sink.fail(failure);
    expect(made.detail().parts.attempts).toEqual({ value: [{ attempt: 1 }], failure });
  });

  it("lists all pages of the outputs, and those of a running one again", async () => {
    const pages = [
      { rows: [file("a")], nextCursor: "a" },
      { rows: [file("b")], nextCursor: null },
    ];
    const made = attached({
      answers: { "outputs.list": (_, query) => pages[(query as { cursor?: string }).cursor ? 1 : 0] },
    });
    made.open("x2", "outputs");
    await vi.waitFor(() =>
      expect(made.detail().parts.outputs.value).toEqual({ rows: [file("a"), file("b")], more: false }),
    );
    made.pass(15_000);
    await vi.waitFor(() => expect(made.fake.named("outputs.list")).toHaveLength(4));
    made.stop();
    await settled();
    const asked = made.fake.named("outputs.list").length;
    made.pass(60_000);
    expect(made.fake.named("outputs.list")).toHaveLength(asked);
  });

  it("does not show what comes for one that is closed", async () => {
    let answer: (value: unknown) => void = () => undefined;
    const made = attached({ answers: { "outputs.list": () => new Promise((resolve) => (answer = resolve)) } });
    made.open("x1", "outputs");
    await settled();
    made.close();
    answer({ rows: [file("a")], nextCursor: null });
    await settled();
    expect(made.detail().parts.outputs.value).toBeNull();
  });
});

async function* chunks(...parts: readonly (string | Uint8Array)[]) {
  for (const part of parts) yield typeof part === "string" ? new TextEncoder().encode(part) : part;
}

describe("a file of the outputs", () => {
  const events: readonly AppEvent[] = [
    { type: "experiments/received", rows },
    { type: "experimentDetail/opened", experimentId: "x1", tab: "outputs" },
    {
      type: "experimentDetail/received",
      experimentId: "x1",
      part: "outputs",
      value: { rows: [file("out/a.txt"), file("far.bin", { where: "pod" })], more: false },
    },
  ];
  const having = (content: () => AsyncIterable<Uint8Array>, options: Options = {}, ...more: readonly AppEvent[]) =>
    room(stateOf(...events, ...more), { ...options, answers: { "outputs.download": content } });

  it("is read as text, over the border of a chunk too", async () => {
    const bytes = new TextEncoder().encode("Ω = 1\n");
    const made = having(() => chunks(bytes.subarray(0, 1), bytes.subarray(1)));
    await made.runner.run("output.read");
    expect(made.state().experimentDetail.file).toEqual({
      path: "out/a.txt",
      text: "Ω = 1\n",
      isCut: false,
      failure: null,
    });
  });

  it("is cut where it is long, and no further asked for", async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent += 65_536;
        yield new Uint8Array(65_536).fill(97);
      }
    }
    const made = having(endless);
    await made.runner.run("output.read");
    const { file: read } = made.state().experimentDetail;
    expect(read?.isCut).toBe(true);
    expect(read?.text).toHaveLength(readBytes);
    expect(sent).toBeLessThan(readBytes + 2 * 65_536);
  });

  it("that is no text says what to do with it", async () => {
    const made = having(() => chunks("PK", new Uint8Array([1, 0, 2])));
    await made.runner.run("output.read");
    expect(made.state().experimentDetail.file?.failure?.message).toBe("out/a.txt is not text: S saves it");
  });

  it("is saved under the experiment's name", async () => {
    const { host, calls } = fakeHost();
    const made = having(() => chunks("a", "b"), { host });
    await made.runner.run("output.save");
    expect(calls).toEqual([["saveBytes", "EXP-001-a.txt", "ab"]]);
    expect(made.state().actions.notice?.text).toBe("out/a.txt saved to /tmp/EXP-001-a.txt");
  });

  it("that is still on the pod can't be read", async () => {
    const made = having(() => chunks("a"), {}, { type: "experimentDetail/outputSelected", id: "far.bin" });
    await made.runner.run("output.read");
    expect(made.fake.named("outputs.download")).toEqual([]);
    expect(made.state().actions.notice?.text).toBe("Read an output: it is still on the pod");
  });
});

describe("what is watched only while somebody looks", () => {
  it("are the queues, once their names are known", () => {
    const made = attached();
    expect(made.fake.sinks["queues"]).toHaveLength(1);
    made.fake.push("queues", [queue(0)]);
    expect(made.fake.sinks["queues"]).toHaveLength(0);
    made.store.dispatch({ type: "view/overlayOpened", overlay: { kind: "queues" } });
    expect(made.fake.sinks["queues"]).toHaveLength(1);
    made.close();
    expect(made.fake.sinks["queues"]).toHaveLength(0);
    expect(made.state().queues.rows).toHaveLength(1);
  });

  it("is the lab's activity", () => {
    const made = attached();
    expect(made.fake.sinks["activity"]).toBeUndefined();
    made.store.dispatch({ type: "view/overlayOpened", overlay: { kind: "activity" } });
    made.fake.push("activity", [{ _id: "a" }]);
    expect(made.state().activity).toMatchObject({ loaded: true, rows: [{ _id: "a" }] });
    made.stop();
    expect(made.fake.sinks["activity"]).toHaveLength(0);
  });
});
