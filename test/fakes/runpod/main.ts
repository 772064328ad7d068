import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { startFakeRunPod } from "./start-fake-runpod.js";

// The fake as a process of its own, for sessions in a terminal and for tests that start the whole program.
const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const controlToken = process.env["FAKE_RUNPOD_CONTROL_TOKEN"] ?? randomBytes(16).toString("hex");
const key = process.env["FAKE_RUNPOD_KEY"];
const fake = await startFakeRunPod({ port: Number(values.port), controlToken, ...(key === undefined ? {} : { key }) });
// One line of JSON for whoever started it; the key is good for nothing but this fake.
process.stdout.write(`${JSON.stringify({ url: fake.url, key: fake.key, controlToken })}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void fake.close().then(() => process.exit(0)));
