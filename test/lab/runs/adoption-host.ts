// A lab in a process of its own, to be killed: `adoption-host.ts DIR`. It prints one line when it has taken up its runs.
import { openLab } from "./runs-fixture.js";

await openLab(process.argv[2] ?? "");
process.stdout.write("up\n");
setInterval(() => undefined, 60_000);
