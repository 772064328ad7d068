import type { Template } from "../../contract/lab.js";
import { anomalySweep } from "./anomaly-sweep.js";
import { fisherForecast } from "./fisher-forecast.js";
import { mcmc } from "./mcmc.js";
import type { Program } from "./program.js";

/** Every program the lab brings along; a new one is one file and one row here. */
export const programs: readonly Program[] = [mcmc, fisherForecast, anomalySweep];

/** Their cards, for the list of templates. */
export const templates: readonly Template[] = programs.map(({ template }) => template);
