import { readFileSync } from "node:fs";
import type { Plugin } from "vitest/config";

/**
 * ink-table is CommonJS and asks for `ink` with require(), which Node refuses: ink waits for yoga at its top level. The
 * bundle has no such trouble; for tests without it the three require() calls become imports.
 */
export const inkTable: Plugin = {
  name: "ink-table-as-es-module",
  enforce: "pre",
  load(id) {
    if (!id.split("?")[0]?.endsWith("/ink-table/dist/index.js")) return null;
    const code = readFileSync(id.split("?")[0] ?? id, "utf8");
    const wanted = ["react", "ink", "object-hash"];
    for (const name of wanted) {
      if (code.split(`require("${name}")`).length !== 2)
        throw new Error(`ink-table has changed: one require("${name}") expected`);
    }
    return `import React from "react";
import * as ink from "ink";
import hash from "object-hash";
const modules = { react: React, ink, "object-hash": hash };
const require = (name) => modules[name];
const exports = {};
${code}
export default exports;
`;
  },
};
