import { defineConfig } from "vitest/config";
import { inkTable } from "./ink-table-plugin.js";

// Two workers: the smallest machine that runs this has two cores, and several tests start processes of their own.
export default defineConfig({
  plugins: [inkTable],
  test: {
    server: { deps: { inline: ["ink-table"] } },
    root: new URL("../..", import.meta.url).pathname,
    dir: "test",
    include: ["**/*.test.{ts,tsx}"],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    env: { TZ: "UTC" },
  },
});
