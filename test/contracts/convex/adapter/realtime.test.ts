import { adapterHarness } from "../adapter-harness.js";
import { realtimeContract } from "../suite/realtime.js";

realtimeContract(() => adapterHarness());
