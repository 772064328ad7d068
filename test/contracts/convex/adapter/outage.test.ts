import { adapterHarness } from "../adapter-harness.js";
import { outageContract } from "../suite/outage.js";

outageContract(() => adapterHarness());
