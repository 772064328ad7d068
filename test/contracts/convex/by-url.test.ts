import { describe, test } from "vitest";
import { basicsContract } from "./suite/basics.js";

// 32: a real Convex backend as the second opinion on the suite itself. It must serve the functions of suite-functions.ts.
const url = process.env["CONVEX_BACKEND_URL"];

describe("32 a Convex backend by URL", () => {
  if (url !== undefined) basicsContract(() => url);
  else {
    test("is not given", ({ skip }) => {
      console.log("skipped: CONVEX_BACKEND_URL names no backend that serves suite-functions.ts");
      skip("no CONVEX_BACKEND_URL");
    });
  }
});
