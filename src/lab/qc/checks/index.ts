import type { Gate } from "../facts.js";
import { completeness } from "./completeness.js";
import { convergence } from "./convergence.js";
import { errorBounds } from "./error-bounds.js";
import { exit } from "./exit.js";
import { finite } from "./finite.js";
import { numeric } from "./numeric.js";
import { plausibility } from "./plausibility.js";
import { reproducibility } from "./reproducibility.js";

/** In the order in which their checks are shown. The check command comes after them (`gate.ts`). */
export const gates: readonly Gate[] = [
  exit,
  completeness,
  errorBounds,
  plausibility,
  convergence,
  finite,
  numeric,
  reproducibility,
];
