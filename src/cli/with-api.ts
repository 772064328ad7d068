import type { LabApi } from "../connections/lab-api.js";
import type { Cli } from "./cli.js";

/** Asks the lab over REST, and lets go whatever happened. */
export async function withApi(cli: Cli, work: (api: LabApi) => Promise<void>): Promise<void> {
  const api = await cli.api();
  try {
    await work(api);
  } finally {
    await api.close();
  }
}
