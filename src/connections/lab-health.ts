import { request } from "node:http";
import { Health } from "../contract/discovery.js";

/** Asks the lab at `url` whether it is there. Null is no answer, or an answer of something else. Needs no token. */
export function labHealth(url: string, timeoutMs: number): Promise<Health | null> {
  return new Promise((resolve) => {
    const none = () => resolve(null);
    // node:http, not undici: this is on the way to the room's first frame, and undici costs 20 ms to load.
    const asked = request(new URL("/v1/health", url), { timeout: timeoutMs, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", none);
      response.on("end", () => resolve(readHealth(text)));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", none);
    asked.on("close", none);
    asked.end();
  });
}

function readHealth(text: string): Health | null {
  try {
    return Health.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
