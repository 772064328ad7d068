import type { Config } from "../../config/config.js";
import type { Clock } from "../../core/clock.js";
import type { LabStore } from "../store/store.js";

/** What a lab is made of that it does not make itself. */
export interface LabParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly settings: Config["lab"];
  /** Where `credentials.json` may be. */
  readonly configDir: string;
  /** File that runs a template: `node <file> mcmc`. */
  readonly templatesEntry: string;
  readonly env: NodeJS.ProcessEnv;
  /** Of hubify-tui. */
  readonly version: string;
  readonly log: (line: string) => void;
}
