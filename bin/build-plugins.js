// What esbuild needs to know of single packages, and of Node's own modules.
import { readFileSync } from "node:fs";

/** Ink reaches for the devtools only with DEV=true; as an external import the bundle would die at start (ink.md §3). */
export const noDevtools = {
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
export const yogaWithoutFetch = {
  name: "yoga-without-fetch",
  setup(on) {
    on.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, (args) => ({
      contents: `const fetch = undefined;\n${readFileSync(args.path, "utf8")}`,
    }));
  },
};

/** The lab speaks HTTP/1 on loopback: its server need not load HTTP/2 and TLS to ask whether a request is of that kind. */
export const serverWithoutHttp2 = {
  name: "server-without-http2",
  setup(on) {
    on.onResolve({ filter: /^node:http2$/ }, ({ importer }) =>
      /@hono\/node-server/.test(importer) ? { path: "http2", namespace: "no-http2" } : undefined,
    );
    on.onLoad({ filter: /.*/, namespace: "no-http2" }, () => ({
      contents: "export class Http2ServerRequest {} export const constants = {};",
    }));
  },
};

/** zod carries the error texts of fifty languages, 200 kB; ours are English. */
export const zodInEnglish = {
  name: "zod-in-english",
  setup(on) {
    on.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/**
 * An ES import of a Node module reads every one of its exports, also those that load something on being read: streams and
 * promises of node:fs, decoders of node:util. Here each importer reads the names it uses: 20 ms less before the first frame.
 */
export const nodeModulesByName = {
  name: "node-modules-by-name",
  setup(on) {
    // The importer is part of the name: a module shared by all of them would be a file of its own to load.
    on.onResolve({ filter: /^node:/ }, ({ path, kind, importer }) =>
      kind === "import-statement"
        ? { path: `${path} for ${importer}`, namespace: "node-by-name", sideEffects: false }
        : undefined,
    );
    on.onLoad({ filter: /.*/, namespace: "node-by-name" }, ({ path }) => ({ contents: namesOf(path.split(" ")[0]) }));
  },
};

function namesOf(path) {
  const isName = (name) => /^[A-Za-z_]\w*$/.test(name) && name !== "default";
  const names = Object.keys(process.getBuiltinModule(path)).filter(isName);
  return [
    `const whole = /* @__PURE__ */ process.getBuiltinModule("${path}");`,
    "const take = (name) => whole[name];",
    "export default whole;",
    ...names.map((name) => `const _${name} = /* @__PURE__ */ take("${name}"); export { _${name} as ${name} };`),
  ].join("\n");
}
