import type { Format } from "../format.js";
import { cobaya } from "./cobaya.js";
import { cosmomc } from "./cosmomc.js";
import { effectiveSize } from "./effective-size.js";
import { counter, eta, tqdm } from "./progress.js";
import { huggingFace, nanoGpt, plainMetrics, torchtitan } from "./training.js";

/** Every format the lab understands; a new tool is one row here. Within a family the first that matches wins. */
export const formats: readonly Format[] = [
  cobaya,
  cosmomc,
  effectiveSize,
  huggingFace,
  torchtitan,
  nanoGpt,
  plainMetrics,
  tqdm,
  counter,
  eta,
];
