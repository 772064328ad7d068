import { defineQuery } from "./define.js";

export const list = defineQuery({
  args: {},
  topics: () => ["labs"],
  handler: ({ services }) => services.labs.list(),
});
