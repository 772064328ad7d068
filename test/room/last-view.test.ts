import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createLogRing } from "../../src/app/log-ring.js";
import { createAppStore, initialState } from "../../src/app/store.js";
import { keepLastView, readLastView } from "../../src/room/last-view.js";

const dir = mkdtempSync(join(tmpdir(), "hubify-view-"));
afterAll(() => rmSync(dir, { recursive: true }));
const file = join(dir, "state", "view.json");

function save(build: string, zoomed: boolean) {
  const state = initialState(createLogRing());
  const store = createAppStore({ ...state, view: { ...state.view, zoomed } });
  const view = keepLastView({ file, build, store });
  view.save();
  view.stop();
}

describe("the last view", () => {
  it("comes back, to the same build and to another", async () => {
    save("a", true);
    expect(await readLastView(file, "a")).toMatchObject({ zoomed: true, focus: "queue" });
    expect(await readLastView(file, "b")).toEqual(await readLastView(file, "a"));
  });

  it("that somebody has changed is checked field by field", async () => {
    save("a", true);
    const [json = "", seal] = readFileSync(file, "utf8").split("\n");
    const changed = { ...(JSON.parse(json) as object), focus: "kitchen", last: { experiments: [{}], pods: 7 } };
    writeFileSync(file, `${JSON.stringify(changed)}\n${seal}\n`);
    expect(await readLastView(file, "a")).toMatchObject({ zoomed: true, focus: "queue", last: { experiments: [] } });
  });

  it.each([
    ["nothing", ""],
    ["half a file", '{"version":1,"savedAt":17'],
    ["another version", '{"version":99,"savedAt":1}'],
    ["no object", "[]"],
  ])("%s is no view", async (_what, text) => {
    writeFileSync(file, text);
    expect(await readLastView(file, "a")).toBeNull();
  });

  it("is null where there is none", async () => {
    expect(await readLastView(join(dir, "none.json"), "a")).toBeNull();
  });
});
