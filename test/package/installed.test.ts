import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Discovery } from "../../src/contract/discovery.js";
import { Experiment } from "../../src/contract/experiment.js";
import { freshHome, openRoom } from "../e2e/driver.js";
import { eventually } from "../e2e/lab.js";
import { npm, pack, root } from "./packed.js";

const home = freshHome();
const prefix = join(home.dir, "prefix");
const program = join(prefix, "bin/hubify-tui");
const tarball = await pack(home.dir);
await npm(home.dir, ["install", "--global", "--prefix", prefix, tarball.file]);

afterAll(async () => {
  await call("lab", "stop");
  home.clear();
});

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The installed program without a terminal. `#!/usr/bin/env node` must find our Node. */
function call(...args: string[]): Promise<Answer> {
  const PATH = `${join(process.execPath, "..")}:${process.env["PATH"] ?? ""}`;
  const env = { PATH, HOME: home.dir, HUBIFY_TUI_HOME: join(home.dir, "data"), LANG: "C.UTF-8" };
  return new Promise((resolve) => {
    execFile(program, args, { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err });
    });
  });
}

describe("the tarball", () => {
  it("is one file of at most 2 MB", () => {
    expect(existsSync(tarball.file)).toBe(true);
    expect(tarball.sizeBytes).toBeLessThanOrEqual(2e6);
  });

  it("has what a stranger needs, and neither sources nor tests nor our own notes", () => {
    const wanted = [
      "bin/hubify-tui.js",
      "dist/main.js",
      "dist/templates.js",
      "dist/hubify-run.sh",
      "dist/hubify-agent.sh",
    ];
    const texts = ["README.md", "LICENSE", "CHANGELOG.md", "package.json", "dist/THIRD-PARTY-NOTICES.txt"];
    const data = ["dist/config.schema.json", "themes/dark.json", "themes/light.json"];
    expect(tarball.paths).toEqual(expect.arrayContaining([...wanted, ...texts, ...data]));
    expect(
      tarball.paths.filter(
        (path) => !/^(bin\/hubify-tui\.js|dist\/|themes\/|[A-Z]+(\.md)?$|package\.json$)/.test(path),
      ),
    ).toEqual([]);
    expect(tarball.paths.filter((path) => path.startsWith("dist/."))).toEqual([]);
  });

  it("installs nothing but itself", () => {
    const manifest = z
      .looseObject({ dependencies: z.unknown().optional() })
      .parse(JSON.parse(readFileSync(join(prefix, "lib/node_modules/hubify-tui/package.json"), "utf8")));
    expect(manifest.dependencies).toBeUndefined();
    expect(existsSync(join(prefix, "lib/node_modules/hubify-tui/node_modules"))).toBe(false);
  });
});

describe("installed", () => {
  it("says its version and its help", async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    expect(await call("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
    const help = await call("--help");
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toMatch(/^Usage: hubify-tui/);
  });

  it("starts a lab, runs a template in it and stops it", async () => {
    const started = await call("lab", "start", "--json");
    expect(started).toMatchObject({ code: 0, err: "" });
    const lab = Discovery.pick({ url: true, dataDir: true }).parse(JSON.parse(started.out));
    expect(lab.dataDir).toContain(home.dir);
    const made = await call("experiments", "create", "--template", "mcmc", "--json");
    const { _id } = Experiment.parse(JSON.parse(made.out));
    const row = () => call("experiments", "get", _id, "--json").then(({ out }) => Experiment.parse(JSON.parse(out)));
    await eventually(async () => ((await row()).logLines > 0 ? true : undefined), 30_000, "a line of the chain");
    await call("experiments", "cancel", _id);
    await eventually(async () => ((await row()).status === "fail" ? true : undefined), 30_000, "the end of the run");
    expect(await call("lab", "status")).toMatchObject({ code: 0 });
    expect(await call("lab", "stop")).toMatchObject({ code: 0, err: "" });
    expect(await call("lab", "status")).toMatchObject({ code: 1 });
  });

  it("opens the room with a theme of the package", async () => {
    const room = openRoom({
      home: join(home.dir, "data"),
      command: [process.execPath, program, "--theme", "light", "--readonly"],
    });
    await room.until(/● live/, 30_000);
    room.press("q");
    expect(await room.exited).toMatchObject({ exitCode: 0 });
  });
});

describe("on an old Node", () => {
  const said = /^hubify-tui needs Node 22\.19 or newer; this is (\S+)\.\n.*npm start.*\n$/;

  it("says what it needs, in words", () => {
    const preload = join(home.dir, "old.cjs");
    writeFileSync(
      preload,
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.18.9" } });`,
    );
    const answer = spawnSync(process.execPath, ["--require", preload, program], { encoding: "utf8" });
    expect(answer).toMatchObject({ status: 1, stdout: "" });
    expect(said.exec(answer.stderr)?.[1]).toBe("22.18.9");
  });

  const system = "/usr/bin/node";
  const version = existsSync(system) ? spawnSync(system, ["--version"], { encoding: "utf8" }).stdout.trim() : "none";
  const isOld = /^v(1\d|20|21)\./.test(version);

  it.skipIf(!isOld)(`says so under a real one (${system} is ${version})`, () => {
    const answer = spawnSync(system, [program], { encoding: "utf8" });
    expect(answer).toMatchObject({ status: 1, stdout: "" });
    expect(said.exec(answer.stderr)?.[1]).toBe(version.slice(1));
  });
});
