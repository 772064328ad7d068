import { z } from "zod";
import type { Http } from "../http/http.js";
import { list, text } from "./tolerant.js";

/** A secret of the account. Its value can be written and used, `{{ RUNPOD_SECRET_name }}` in a pod's env, but never read. */
export const RunpodSecret = z.object({ id: text, name: z.string().min(1), description: text });
export type RunpodSecret = z.infer<typeof RunpodSecret>;

export function secretsClient(http: Http) {
  return {
    list: async (): Promise<readonly RunpodSecret[]> =>
      (await http.get("/v2/account/secrets", { expect: z.object({ secrets: list(RunpodSecret) }) })).secrets,
    /** Fails with `conflict` when the name is taken: RunPod does not overwrite. */
    put: async (secret: { name: string; value: string; description?: string }): Promise<void> => {
      await http.post("/v2/account/secrets", { body: secret, expect: z.unknown() });
    },
  };
}
