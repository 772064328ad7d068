import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LabControl, LabStartOptions, LabStatus } from "./cli/cli.js";
import { loadConfig } from "./config/load-config.js";
import { labFiles } from "./config/paths.js";
import type { LabApi, LabChoice } from "./connections/lab-api.js";
import type { RunningLab, StartLab } from "./connections/lab-process.js";
import type { Connection } from "./contract/connection.js";
import { FailureError } from "./core/failure.js";

/** The bundle's own entry: how this very version is started again as a lab. */
const entry = () => join(fileURLToPath(import.meta.url), "..", "..", "bin", "hubify-tui.js");

/** The command line that runs this version as the lab of a data directory, in the foreground. */
function labCommandLine(dataDir: string, options: Partial<LabStartOptions> = {}): StartLab["command"] {
  const { port = 0, host = "127.0.0.1", insecure = false, repair = false } = options;
  const flags = [...(insecure ? ["--insecure"] : []), ...(repair ? ["--repair"] : [])];
  const start = ["lab", "start", "--foreground", "--port", String(port), "--host", host, ...flags];
  return [process.execPath, entry(), "--data", dataDir, ...start];
}

/** Attaches to the lab of a data directory, starting it on demand. */
export async function connectTo(
  dataDir: string,
  how: { isLive: boolean; lab?: string | undefined; alone?: boolean },
): Promise<Connection> {
  const { connectLocal } = await import("./connections/local.js");
  return connectLocal({ dataDir, command: labCommandLine(dataDir) }, how);
}

/** REST of the lab of a data directory, starting it on demand. */
export async function openApi(dataDir: string, choice: LabChoice): Promise<LabApi> {
  const { openLocalApi } = await import("./connections/lab-api.js");
  return openLocalApi({ dataDir, command: labCommandLine(dataDir) }, choice);
}

/** Whether a RunPod account alone is meant: by the flag, or by the config unless a lab is named. Rejects when the config is bad. */
export async function wantsRunpod(
  { runpod = false, data }: { runpod?: boolean; data?: string },
  configDir: string,
): Promise<boolean> {
  if (runpod || data !== undefined) return runpod;
  return (await loadConfig(join(configDir, "config.json"))).connection === "runpod";
}

/** Attaches to a RunPod account with nothing but its key. */
export async function connectToRunpod(configDir: string): Promise<Connection> {
  const [{ connectRunpod }, { runpodApiKey, runpodBaseUrl }] = await Promise.all([
    import("./connections/runpod.js"),
    import("./config/credentials.js"),
  ]);
  const apiKey = runpodApiKey(process.env, configDir);
  if (apiKey === undefined) {
    const hint = "set RUNPOD_API_KEY, or put runpodApiKey into credentials.json beside the config (mode 0600)";
    throw new FailureError({ kind: "auth", message: "there is no RunPod key", hint });
  }
  const baseUrl = runpodBaseUrl(process.env);
  return connectRunpod({ apiKey, ...(baseUrl === undefined ? {} : { baseUrl }) });
}

/** The lab of a data directory, for the command line. */
export function labControl(dataDir: () => string, foreground: (options: LabStartOptions) => Promise<void>): LabControl {
  const lab = () => import("./connections/lab-process.js");
  return {
    foreground,
    start: async (options) => {
      const { ensureLab } = await lab();
      return statusOf(await ensureLab({ dataDir: dataDir(), command: labCommandLine(dataDir(), options) }));
    },
    stop: async () => (await lab()).stopLab(dataDir()),
    status: async () => {
      const running = await (await lab()).locateLab(dataDir());
      return running === null ? null : statusOf(running);
    },
    logFile: () => labFiles(dataDir()).log,
    backup: async (options) => {
      const [{ ensureLab }, { backUpLab }] = await Promise.all([lab(), import("./connections/lab-backup.js")]);
      return backUpLab(await ensureLab({ dataDir: dataDir(), command: labCommandLine(dataDir()) }), options);
    },
    restore: async ({ confirm, ...options }) => {
      const { restoreBackup } = await import("./lab/backups/restore.js");
      return restoreBackup({
        ...options,
        dataDir: dataDir(),
        now: Date.now(),
        confirm: (manifest, hasData) => confirm({ ...manifest, hasData }),
      });
    },
  };
}

function statusOf({ url, pid, dataDir, tokenFile, version, movedTo }: Omit<RunningLab, "token">): LabStatus {
  return { url, pid, dataDir, tokenFile, version, ...(movedTo === undefined ? {} : { movedTo }) };
}
