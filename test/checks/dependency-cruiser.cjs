// Who may import whom: architecture in src/README.md, held here.
const layer = (from, mayUse) => ({
  name: `${from.replaceAll("/", "-")}-imports`,
  severity: "error",
  from: { path: `^src/${from}/` },
  to: { path: "^src/", pathNot: [from, ...mayUse].map((name) => `^src/${name}/`) },
});

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: { path: "^src" }, to: { circular: true } },
    layer("core", []),
    layer("contract", ["core"]),
    layer("chain", ["core", "contract"]),
    layer("config", ["core", "contract"]),
    layer("theme", ["core"]),
    layer("terminal", ["core"]),
    layer("clients", ["contract", "core"]),
    layer("connections", ["clients", "contract", "core", "config"]),
    layer("app", ["contract", "chain", "core"]),
    layer("ui", ["app", "terminal", "theme", "contract", "chain", "core"]),
    layer("lab", ["contract", "chain", "core", "config", "clients/http", "clients/runpod"]),
    layer("cli", ["connections", "contract", "chain", "core", "config", "app"]),
    {
      name: "pure-parts-do-no-io",
      severity: "error",
      from: { path: "^src/(core|contract|chain|theme|app)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "react-only-in-ui",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/ui/" },
      to: { path: "node_modules/(ink|ink-table|ink-spinner|react)/" },
    },
    {
      name: "undici-only-in-http",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/clients/http/" },
      to: { path: "node_modules/undici/" },
    },
    {
      name: "siblings-do-not-meet",
      severity: "error",
      from: {
        path: "^src/(ui/panes|ui/overlays|lab/executors|lab/routes|app/slices|app/commands)/([^/.]+)",
        pathNot: "index.ts$",
      },
      to: { path: "^src/$1/", pathNot: ["^src/$1/$2", "^src/lab/executors/executor.ts$", "^src/ui/panes/pane.ts$"] },
    },
    {
      name: "clients-do-not-meet",
      severity: "error",
      from: { path: "^src/clients/(hubify|runpod|polyaxon|convex)/" },
      to: { path: "^src/clients/", pathNot: ["^src/clients/$1/", "^src/clients/http/"] },
    },
    {
      name: "no-unresolved",
      severity: "error",
      from: { path: "^(src|test)" },
      to: { couldNotResolve: true, pathNot: "^node:" },
    },
    { name: "not-to-test", severity: "error", from: { path: "^src/" }, to: { path: "^test/" } },
    { name: "not-to-main", severity: "error", from: { path: "^src/" }, to: { path: "^src/main" } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
