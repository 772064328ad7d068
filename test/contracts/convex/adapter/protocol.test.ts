import { adapterHarness } from "../adapter-harness.js";
import { protocolContract } from "../suite/protocol.js";

protocolContract(() => adapterHarness());
