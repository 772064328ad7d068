// What `npm start`, `npm test` and the other scripts do first, on a machine that has only git, Node >= 18 and npm:
// install when the lock file changed, build when sources changed, and say in one line what is being waited for.
// No dependencies: it runs before there are any.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeBin = join(root, "node_modules/node/bin/node");
const tools = join(root, "node_modules/.bin");
const say = (text) => process.stderr.write(`${text}\n`);

process.chdir(root);

function installWhenNeeded() {
  const stamp = join(root, "node_modules/.hubify-install");
  const wanted = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  if (existsSync(nodeBin) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing packages, about a minute the first time …");
  // npm's own path when npm runs us, so that the same npm is used; output only when it fails.
  const npm = process.env.npm_execpath;
  // Not `npm ci`: that refuses a lock which leaves out optional packages of other platforms, and a registry need not have them all.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const result = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...args], { encoding: "utf8" })
    : spawnSync("npm", args, { encoding: "utf8" });
  if (result.status !== 0 || !existsSync(nodeBin)) {
    say(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`);
    say("npm install failed; the lines above say why. Nothing was started.");
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

function sourceFingerprint() {
  const hash = createHash("sha256");
  const visit = (path) => {
    const stat = statSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
  };
  for (const path of ["src", "themes", "bin", "package.json", "package-lock.json"]) visit(path);
  return hash.digest("hex");
}

function buildWhenNeeded({ force = false } = {}) {
  const stamp = join(root, "dist/.built");
  const wanted = sourceFingerprint();
  if (!force && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Building …");
  const result = spawnSync(nodeBin, ["bin/build.js"], { stdio: ["ignore", "inherit", "inherit"] });
  if (result.status !== 0) process.exit(result.status ?? 1);
  mkdirSync("dist", { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Runs a program in our place: same terminal, signals left to it, its exit status is ours. */
function become(command, args, env = {}) {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + ({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal] ?? 9)));
}

function run(title, command, args) {
  const startedAt = Date.now();
  const result = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, PATH: pathWithTools() } });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const good = result.status === 0;
  say(`${good ? "ok  " : "FAIL"} ${title} (${seconds} s)`);
  if (!good) say(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`);
  return good;
}

const pathWithTools = () => `${dirname(nodeBin)}:${tools}:${process.env.PATH ?? ""}`;

const config = (name) => `test/checks/${name}`;

/** Each check by its name: what `npm run check` and `npm test` hold. */
const checks = [
  ["format", "biome", ["check", `--config-path=${config("format.json")}`, "src", "test", "bin", "themes"]],
  ["types", "tsc", ["--noEmit", "-p", "."]],
  ["lint", "eslint", ["-c", config("eslint.config.js"), "src", "test"]],
  ["layers", "depcruise", ["--config", config("dependency-cruiser.cjs"), "src", "test"]],
  ["unused", "knip", ["-c", config("knip.json"), "--no-progress"]],
];

function check() {
  const results = checks.map(([title, tool, args]) => run(title, join(tools, tool), args));
  return { passed: results.filter(Boolean).length, failed: results.filter((good) => !good).length };
}

/** Vitest with its own report on the terminal and its numbers in a file. */
function vitest(args) {
  const report = join(root, "node_modules/.cache/vitest-report.json");
  mkdirSync(dirname(report), { recursive: true });
  writeFileSync(report, "{}");
  const result = spawnSync(
    join(tools, "vitest"),
    [
      "run",
      "--config",
      config("vitest.config.ts"),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...args,
    ],
    { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, PATH: pathWithTools() } },
  );
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = JSON.parse(readFileSync(report, "utf8"));
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, status: result.status ?? 1 };
}

function test(args) {
  const checked = args.length === 0 ? check() : { passed: 0, failed: 0 };
  const tested = vitest(args);
  const passed = checked.passed + tested.passed;
  const failed = checked.failed + tested.failed;
  process.stdout.write(`${passed} passed, ${failed} failed, ${tested.skipped} skipped\n`);
  process.exit(failed > 0 || tested.status !== 0 ? 1 : 0);
}

/** Node strips types by itself; the names of files need help. */
const typescript = ["--import", "./bin/typescript-imports.js"];

const [job = "start", ...args] = process.argv.slice(2);
installWhenNeeded();
switch (job) {
  case "start":
    buildWhenNeeded();
    become(nodeBin, ["bin/hubify-tui.js", "--sample", ...args]);
    break;
  case "build":
    buildWhenNeeded({ force: true });
    break;
  case "check":
    process.exit(check().failed === 0 ? 0 : 1);
    break;
  case "test":
    buildWhenNeeded();
    test(args);
    break;
  case "bench":
    buildWhenNeeded();
    become(nodeBin, [...typescript, "test/bench/main.ts", ...args]);
    break;
  case "screenshot":
    buildWhenNeeded();
    become(nodeBin, [...typescript, "test/golden/screenshot.ts"]);
    break;
  case "format":
    run("format", join(tools, "biome"), [
      "check",
      "--write",
      `--config-path=${config("format.json")}`,
      "src",
      "test",
      "bin",
      "themes",
    ]);
    break;
  default:
    say(`bin/dev.js: no job "${job}"; there are start, test, build, check, bench, format, screenshot`);
    process.exit(2);
}
