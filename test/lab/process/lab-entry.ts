import { parseArgs } from "node:util";
import { FailureError } from "../../../src/core/failure.js";
import { runLab } from "../../../src/lab/main.js";

// What `hubify-tui lab start --foreground` does, for tests of the process.
const { values } = parseArgs({
  options: {
    data: { type: "string", default: "" },
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    insecure: { type: "boolean", default: false },
    repair: { type: "boolean", default: false },
    "bad-settings": { type: "boolean", default: false },
    fault: { type: "boolean", default: false },
  },
});

try {
  await runLab({
    dataDir: values.data,
    host: values.host,
    port: Number(values.port),
    insecure: values.insecure,
    repair: values.repair,
    version: "0.0.0-test",
    settings: async () => {
      if (values["bad-settings"]) throw new FailureError({ kind: "invalid", message: "config.json:3: cpuSlot" });
      return { cpuSlots: 2, telemetrySeconds: 60 };
    },
    templatesEntry: "templates.js",
    onReady: () => {
      if (values.fault) setImmediate(() => void Promise.reject(new Error("a fault of the test")));
    },
  });
} catch (error) {
  if (!(error instanceof FailureError)) throw error;
  process.exitCode = 1;
}
