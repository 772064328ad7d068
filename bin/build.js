// Bundles src/ into dist/ as chunks: main (the launcher), what it imports on demand (ui, lab, cli), and the templates,
// which run as processes of their own. The package then has no runtime dependencies.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** Ink reaches for the devtools only with DEV=true; as an external import the bundle would die at start (ink.md §3). */
const noDevtools = {
  name: "no-devtools",
  setup(on) {
    on.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: "devtools", namespace: "empty" }));
    on.onLoad({ filter: /.*/, namespace: "empty" }, () => ({
      contents:
        "export const initialize = () => {}; export const connectToDevTools = () => {}; export default { initialize, connectToDevTools };",
    }));
  },
};

/** Without fetch, yoga decodes its wasm itself instead of starting Node's built-in fetch: 14 % of the start time (ink.md §5). */
const yogaWithoutFetch = {
  name: "yoga-without-fetch",
  setup(on) {
    on.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, (args) => ({
      contents: `const fetch = undefined;\n${readFileSync(args.path, "utf8")}`,
    }));
  },
};

/** zod brings its messages in 50 languages; ours are English: half of its size, and 10 ms of each start. */
const zodInEnglish = {
  name: "zod-in-english",
  setup(on) {
    on.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
const result = await build({
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
  keepNames: false,
  metafile: true,
  legalComments: "none",
  jsx: "automatic",
  loader: { ".sh": "text" },
  define: { "process.env.NODE_ENV": '"production"', HUBIFY_TUI_VERSION: JSON.stringify(version) },
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  chunkNames: "[name]-[hash]",
  plugins: [noDevtools, yogaWithoutFetch, zodInEnglish],
  logLevel: "warning",
});

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
  "dist/THIRD-PARTY-NOTICES.txt",
  `hubify-tui contains code of these packages.\n\n${inside.join(`\n${"-".repeat(80)}\n\n`)}`,
);
if (existsSync("src/lab/executors/hubify-run.sh")) cpSync("src/lab/executors/hubify-run.sh", "dist/hubify-run.sh");
if (process.env.HUBIFY_METAFILE) writeFileSync(process.env.HUBIFY_METAFILE, JSON.stringify(result.metafile));
