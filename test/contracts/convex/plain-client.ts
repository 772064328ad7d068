// The official client as anybody would use it, for the faults that end its process: says what killed it, or what it received.
import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";

process.on("uncaughtException", (error) => {
  console.log(JSON.stringify({ uncaught: error.message }));
  process.exit(7);
});
const client = new ConvexClient(process.argv[2] ?? "", { logger: false });
client.onUpdate(
  makeFunctionReference<"query">("notes:list"),
  {},
  (value: unknown) => {
    console.log(JSON.stringify({ value }));
    process.exit(0);
  },
  () => undefined,
);
