import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { type BenchTerminal, type BenchTerminalOptions, openBenchTerminal } from "./bench-terminal.js";

/** Ink reaches for the devtools only with DEV=true; as an external import the bundle would die at start. */
const noDevtools: Plugin = {
  name: "no-devtools",
  setup(on) {
    on.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: "devtools", namespace: "empty" }));
    on.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export default {};" }));
  },
};

/** Bundles the baseline as an ordinary Ink app would be; answers the file. */
export async function buildPlainInk(directory: string): Promise<string> {
  const outfile = join(directory, "plain-ink.mjs");
  await build({
    entryPoints: [new URL("plain-ink.tsx", import.meta.url).pathname],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    minify: true,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    plugins: [noDevtools],
    logLevel: "warning",
  });
  return outfile;
}

/** Starts the baseline, ended with the benchmark. */
export function openPlainInk(
  cleanup: AsyncDisposableStack,
  file: string,
  options: Omit<BenchTerminalOptions, "command">,
): BenchTerminal {
  const terminal = openBenchTerminal({ ...options, command: [process.execPath, file] });
  cleanup.defer(() => terminal.kill());
  return terminal;
}
