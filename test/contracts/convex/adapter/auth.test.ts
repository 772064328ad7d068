import { adapterHarness } from "../adapter-harness.js";
import { authContract } from "../suite/auth.js";

authContract(() => adapterHarness());
