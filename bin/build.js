// Bundles src/ into dist/ as chunks: main (the launcher), what it imports on demand (ui, lab, cli), and the templates,
// which run as processes of their own. The package then has no runtime dependencies.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { z } from "zod";
import "./typescript-imports.js";
import { noDevtools, nodeModulesByName, serverWithoutHttp2, yogaWithoutFetch, zodInEnglish } from "./build-plugins.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** Names the sources by their content: a view that another build has saved is not taken unchecked. */
function fingerprint(folder) {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    hash.update(`${path}\0`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 12);
}

/** @type {import("esbuild").BuildOptions} */
const options = {
  entryPoints: { main: "src/main.ts", templates: "src/lab/templates/main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  // jsonc-parser's "main" is a UMD file whose requires no bundler can follow.
  mainFields: ["module", "main"],
  target: "node22",
  minify: true,
  metafile: true,
  legalComments: "none",
  jsx: "automatic",
  define: {
    "process.env.NODE_ENV": '"production"',
    HUBIFY_TUI_VERSION: JSON.stringify(version),
    HUBIFY_TUI_BUILD: JSON.stringify(fingerprint("src")),
  },
  banner: { js: 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);' },
  chunkNames: "[name]-[hash]",
  plugins: [noDevtools, yogaWithoutFetch, zodInEnglish, serverWithoutHttp2, nodeModulesByName],
  logLevel: "warning",
};

/** A shared chunk below this is not worth a file: each costs Node 0.6 ms to load, most before the first frame. */
const smallBytes = 4096;

/** Our modules that esbuild would put into small shared chunks, as one file that imports them all. */
function smallShared({ outputs }) {
  const isSmall = (path) => {
    const { entryPoint, bytes, imports } = outputs[path];
    const needs = imports.filter(({ external, kind }) => external !== true && kind === "import-statement");
    return entryPoint === undefined && bytes < smallBytes && needs.every((chunk) => isSmall(chunk.path));
  };
  const modules = Object.keys(outputs)
    .filter(isSmall)
    .flatMap((path) => Object.keys(outputs[path].inputs));
  const own = modules.filter((path) => path.startsWith("src/"));
  return own.map((path) => `import "./${path}";`).join("\n");
}

/** Every entry imports it, so that what it imports is one chunk. */
const commonChunk = (contents) => ({
  name: "common-chunk",
  setup(on) {
    on.onResolve({ filter: /^common-chunk$/ }, () => ({ path: "common", namespace: "common-chunk" }));
    on.onLoad({ filter: /.*/, namespace: "common-chunk" }, () => ({ contents, resolveDir: root }));
  },
});

const split = await build({ ...options, write: false });
const result = await build({
  ...options,
  write: false,
  inject: ["common-chunk"],
  plugins: [...options.plugins, commonChunk(smallShared(split.metafile))],
});

// Made beside and put in place at the end: what runs from dist meanwhile finds it whole.
const made = ".dist-new";
rmSync(made, { recursive: true, force: true });
mkdirSync(made);
for (const { path, contents } of result.outputFiles) writeFileSync(join(made, basename(path)), contents);

// The config file's schema for editors, from the one that checks it.
const { Config } = await import("../src/config/config.ts");
writeFileSync(`${made}/config.schema.json`, `${JSON.stringify(z.toJSONSchema(Config, { io: "input" }), null, 2)}\n`);

/** The packages whose code is inside the bundle, with their licences. */
function notices(inputs) {
  const names = new Set();
  for (const input of Object.keys(inputs)) {
    const match = /(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match !== null) names.add(match[1]);
  }
  return [...names].sort().map((name) => {
    const folder = join("node_modules", name);
    const pack = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file === undefined ? `Licence: ${pack.license}` : readFileSync(join(folder, file), "utf8").trim();
    return `${name} ${pack.version} (${pack.license})\n\n${text}\n`;
  });
}

const inside = notices(result.metafile.inputs);
writeFileSync(
  `${made}/THIRD-PARTY-NOTICES.txt`,
  `hubify-tui contains code of these packages.\n\n${inside.join(`\n${"-".repeat(80)}\n\n`)}`,
);
for (const script of ["src/lab/executors/hubify-run.sh", "src/lab/hosts/hubify-agent.sh"]) {
  copyFileSync(script, join(made, basename(script)));
}
// For the tests and for whoever wonders what is in it; not published.
writeFileSync(`${made}/.meta.json`, JSON.stringify(result.metafile));

rmSync("dist", { recursive: true, force: true });
renameSync(made, "dist");
