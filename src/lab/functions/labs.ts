import { defineQuery } from "./define.js";

export const list = defineQuery({
  needs: "labs:read",
  args: {},
  topics: () => ["labs"],
  handler: ({ services }) => services.labs.list(),
});
