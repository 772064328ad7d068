import { afterAll, beforeAll, describe } from "vitest";
import { adapterHarness } from "./adapter-harness.js";
import { storeLab } from "./store-lab.js";
import { authContract } from "./suite/auth.js";
import { basicsContract } from "./suite/basics.js";
import { httpContract } from "./suite/http.js";
import { loadContract } from "./suite/load.js";
import { outageContract } from "./suite/outage.js";
import { protocolContract } from "./suite/protocol.js";
import { realtimeContract } from "./suite/realtime.js";

// The whole contract once more, over the store and the backend that the lab itself runs on.
const open = () => adapterHarness(storeLab);

describe("by url", () => {
  const lab = open();
  beforeAll(() => lab.start());
  afterAll(() => lab.dispose());
  basicsContract(() => lab.url);
});
realtimeContract(open);
authContract(open);
httpContract(open);
outageContract(open);
protocolContract(open);
loadContract(open);
