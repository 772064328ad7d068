import type { ReactNode } from "react";
import type { Overlay } from "../../app/slices/view.js";
import { Activity } from "./activity.js";
import { Alerts } from "./alerts.js";
import { Choose } from "./choose.js";
import { Confirm } from "./confirm.js";
import { Connect } from "./connect.js";
import { ExperimentDetail } from "./experiment-detail.js";
import { Help } from "./help.js";
import { IdlePolicy } from "./idle-policy/idle-policy.js";
import { NewBatch } from "./new-batch/new-batch.js";
import { NewExperiment } from "./new-experiment/new-experiment.js";
import { NewPod } from "./new-pod/new-pod.js";
import { Palette } from "./palette.js";
import { PodDetail } from "./pod-detail.js";
import { Prompt } from "./prompt.js";
import { Queues } from "./queues.js";
import { Typed } from "./typed.js";
import { Write } from "./write.js";

type Views = {
  readonly [Kind in Overlay["kind"]]: (props: { overlay: Extract<Overlay, { kind: Kind }> }) => ReactNode;
};

/** Every overlay by its kind. A kind without one does not compile. */
export const overlayViews: Views = {
  help: Help,
  palette: Palette,
  confirm: Confirm,
  typed: Typed,
  choose: Choose,
  write: Write,
  newExperiment: NewExperiment,
  newBatch: NewBatch,
  newPod: NewPod,
  idlePolicy: IdlePolicy,
  experiment: ExperimentDetail,
  pod: PodDetail,
  queues: Queues,
  alerts: Alerts,
  activity: Activity,
  connect: Connect,
  prompt: Prompt,
};
