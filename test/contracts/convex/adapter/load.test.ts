import { adapterHarness } from "../adapter-harness.js";
import { loadContract } from "../suite/load.js";

loadContract(() => adapterHarness());
