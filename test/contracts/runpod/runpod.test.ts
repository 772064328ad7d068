import { describe, test } from "vitest";
import { clientAgainstMock } from "./suite/client-against-mock.js";
import { fakeBehindProxy } from "./suite/fake-behind-proxy.js";
import { officialClient } from "./suite/official-client.js";
import { contracts, installTools } from "./tools.js";

// Three ways to hear from others whether we and our fake speak as RunPod does.
const missing = await installTools();

for (const contract of contracts) {
  const reason = missing ?? contract.missing;
  if (reason === null) {
    clientAgainstMock(contract);
    fakeBehindProxy(contract);
  } else skipped(contract.name, reason);
}
if (missing === null) officialClient();
else skipped("RunPod's own client", missing);

function skipped(what: string, reason: string): void {
  describe(what, () => {
    test("is not checked", ({ skip }) => {
      console.log(`skipped: ${what}: ${reason}`);
      skip(reason);
    });
  });
}
