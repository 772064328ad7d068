import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { signatureOf } from "../../src/lab/webhooks/message.js";
import { freshHome } from "../e2e/driver.js";
import { eventually, labOf, run, stopEverything } from "../e2e/lab.js";

const exec = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code of the README's only block that contains `sign`. */
function example(language: string, sign: string): string {
  const blocks = [...readme.matchAll(/^```(\w*)\n([^]*?)^```/gm)];
  const found = blocks.filter(([, name, code]) => name === language && code?.includes(sign) === true);
  if (found.length !== 1) throw new Error(`${found.length} ${language} examples with ${sign} in the README`);
  return found[0]?.[2] ?? "";
}

const home = freshHome();
const bin = join(home.dir, "bin");
// Inside node_modules, so that the example finds the convex package as a user's own file would.
const script = join(root, "node_modules/.cache/readme-example.mjs");
const env = {
  PATH: `${bin}:${join(process.execPath, "..")}:${process.env["PATH"] ?? ""}`,
  HOME: home.dir,
  HUBIFY_TUI_HOME: home.dir,
};

beforeAll(async () => {
  mkdirSync(bin);
  symlinkSync(join(root, "bin/hubify-tui.js"), join(bin, "hubify-tui"));
  const config = JSON.stringify({ command: "echo hello from the example" });
  expect(await run(home.dir, ["experiments", "create", "--title", "t", "--config", config])).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await stopEverything(home.dir);
  rmSync(script, { force: true });
  home.clear();
});

describe("the README's examples", () => {
  it("curl lists the experiments", async () => {
    const code = example("sh", "lab status");
    const listed = await eventually(async () => {
      const { stdout } = await exec("bash", ["-euo", "pipefail", "-c", code], { env });
      return stdout.includes("pass") ? stdout : undefined;
    });
    expect(listed).toBe("EXP-001 pass\n");
  });

  it("the official Convex client follows the log", async () => {
    const lab = await labOf(home.dir);
    writeFileSync(script, example("js", "ConvexClient"));
    const child = spawn(process.execPath, [script], {
      env: { ...env, LAB_URL: lab?.url, LAB_TOKEN_FILE: lab?.tokenFile },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    try {
      await vi.waitFor(() => expect(out).toContain("hello from the example\n"), 15_000);
    } finally {
      child.kill();
    }
  });

  it("a request with an Idempotency-Key makes one experiment, however often it is sent", async () => {
    const lab = await labOf(home.dir);
    const code = example("sh", "Idempotency-Key");
    const { stdout } = await exec("bash", ["-euo", "pipefail", "-c", code], { env: { ...env, LAB_URL: lab?.url } });
    const [first, second, end] = stdout.split("\n");
    expect(first).toMatch(/^EXP-\d+$/);
    expect([second, end]).toEqual([first, ""]);
  });

  it("a webhook's receiver knows what the lab signed from everything else", async () => {
    writeFileSync(script, example("js", "isFromTheLab"));
    const { isFromTheLab } = (await import(/* @vite-ignore */ script)) as {
      isFromTheLab: (secret: string, body: string, header: string | undefined) => boolean;
    };
    const header = signatureOf("whsec_1", "{}");
    expect(isFromTheLab("whsec_1", "{}", header)).toBe(true);
    expect(isFromTheLab("whsec_2", "{}", header)).toBe(false);
    expect(isFromTheLab("whsec_1", "{ }", header)).toBe(false);
    expect(isFromTheLab("whsec_1", "{}", undefined)).toBe(false);
  });

  it("commands queue what they say", async () => {
    const { stdout } = await exec("bash", ["-euo", "pipefail", "-c", example("sh", "batches create")], { env });
    expect(stdout).toMatch(
      /^EXP-\d+ queued: Planck lite\nnightly is made, place 1\n\w+: 3 experiments\nnothing happened\n$/,
    );
  });
});
