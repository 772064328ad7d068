import { existsSync } from "node:fs";
import { labFiles } from "../config/paths.js";
import type { Connection } from "../contract/connection.js";
import { labProtocol } from "../contract/discovery.js";
import { FailureError, toFailure } from "../core/failure.js";
import { connectLab, type LabConnectionOptions } from "./lab.js";
import { ensureLab, findLab, type StartLab } from "./lab-process.js";
import type { Locate } from "./realtime.js";

/**
 * Attaches to the lab of a data directory on this machine, starting it when none runs. Should it die while we are attached
 * it is started again; one that was stopped on purpose (its discovery file is gone) stays stopped until somebody asks.
 */
export async function connectLocal(
  lab: StartLab,
  how: Pick<LabConnectionOptions, "isLive" | "lab" | "alone">,
): Promise<Connection> {
  const locate: Locate = async ({ isAsked }) => {
    const running = await findLab(lab.dataDir);
    if (running?.protocol === labProtocol) return running;
    const hasCrashed = existsSync(labFiles(lab.dataDir).discovery);
    if (running !== null || isAsked || hasCrashed) return ensureLab(lab);
    throw new FailureError({ kind: "network", message: "the lab was stopped", hint: "press r to start it" });
  };
  try {
    return await connectLab({ ...how, label: "local lab", locate });
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind !== "auth" || failure.status === undefined) throw error;
    const hint =
      "the file has changed since the lab started: `hubify-tui lab stop`, then try again; running experiments go on";
    throw new FailureError({ ...failure, hint }, { cause: error });
  }
}
