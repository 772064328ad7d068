import { afterAll, beforeAll } from "vitest";
import { adapterHarness } from "../adapter-harness.js";
import { basicsContract } from "../suite/basics.js";

const lab = adapterHarness();
beforeAll(() => lab.start());
afterAll(() => lab.dispose());

basicsContract(() => lab.url);
