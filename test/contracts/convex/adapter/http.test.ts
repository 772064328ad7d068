import { adapterHarness } from "../adapter-harness.js";
import { httpContract } from "../suite/http.js";

httpContract(() => adapterHarness());
