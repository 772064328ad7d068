import type { LabApi } from "../connections/lab-api.js";
import type { AttachOptions, Cli } from "./cli.js";

/** Asks the lab over REST, and lets go whatever happened. */
export async function withApi(cli: Cli, work: (api: LabApi) => Promise<void>, options?: AttachOptions): Promise<void> {
  const api = await cli.api(options);
  try {
    await work(api);
  } finally {
    await api.close();
  }
}
