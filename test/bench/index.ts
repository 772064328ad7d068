import type { Bench } from "./bench.js";
import { bytes } from "./bytes.js";
import { capture } from "./capture.js";
import { firstFrame } from "./first-frame.js";
import { fleetLab } from "./fleet-lab.js";
import { fleetRoom } from "./fleet-room.js";
import { idle } from "./idle.js";
import { keyToPaint } from "./key-to-paint.js";
import { largeQueue } from "./large-queue.js";
import { listRate } from "./list-rate.js";
import { memory } from "./memory.js";
import { millionLab } from "./million-lab.js";
import { packageSize } from "./package.js";
import { start } from "./start.js";
import { viewersOfALog } from "./viewers.js";

/** Every benchmark, in the order of the table. */
export const benches: readonly Bench[] = [
  firstFrame,
  keyToPaint,
  bytes,
  idle,
  memory,
  largeQueue,
  fleetLab,
  millionLab,
  fleetRoom,
  capture,
  listRate,
  viewersOfALog,
  start,
  packageSize,
];
