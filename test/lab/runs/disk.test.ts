import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allLines, ended, freshDir, openLab } from "./runs-fixture.js";

test("a run's directory that can't be written fails the run with the reason, and the lab goes on", async () => {
  const dataDir = freshDir();
  const lab = await openLab(dataDir);
  // A file where a directory must be: what a full or read-only disk says differs, the path through the code does not.
  writeFileSync(join(dataDir, "runs"), "");
  const blocked = await lab.create({ command: "true" });
  expect((await lab.until(blocked._id, ended)).result).toMatch(/^fail: can't write the run's directory: /);
  rmSync(join(dataDir, "runs"));
  const next = await lab.create({ command: "true" });
  expect((await lab.until(next._id, ended)).status).toBe("pass");
  await lab.close();
});

test("output that can't be stored for a while is stored later, whole", async () => {
  const dataDir = freshDir();
  const lab = await openLab(dataDir);
  const { db } = lab.store;
  const { _id } = await lab.create({
    command: "echo one; while [ ! -e go ]; do sleep 0.02; done; echo two; echo three",
  });
  await lab.until(_id, ({ logLines }) => logLines === 1);
  // As a full disk does: no block can be inserted.
  await db.schema.alterTable("blocks").renameTo("elsewhere").execute();
  writeFileSync(join(dataDir, "runs", _id, "1", "work", "go"), "");
  await lab.until(_id, () => lab.said.some((line) => line.includes("output can't be stored")));
  await db.schema.alterTable("elsewhere").renameTo("blocks").execute();
  const done = await lab.until(_id, ended);
  expect(done).toMatchObject({ status: "pass", logLines: 3 });
  expect(await allLines(lab, _id)).toEqual(["one", "two", "three"]);
  await lab.close();
});
