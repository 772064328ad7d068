import { z } from "zod";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { orNull } from "./pods.js";
import { amount, flag, list, maybe, strings, text, texts } from "./tolerant.js";

/** A template a pod can be made of: `templateId` at create. */
export const RunpodTemplate = z.object({
  id: z.string().min(1),
  name: z.string().catch(""),
  image: text,
  args: text,
  /** GB of container disk. */
  disk: amount,
  mounts: maybe(z.object({ persistent: maybe(z.object({ size: amount, path: text })) })),
  ports: texts,
  env: strings,
  /** True: of the serverless product, not for pods. */
  serverless: flag,
  public: flag,
  category: text,
  startSsh: flag,
});
export type RunpodTemplate = z.infer<typeof RunpodTemplate>;

const Templates = z.object({ templates: list(RunpodTemplate) });

export function templatesClient(http: Http) {
  return {
    /** Of the account. */
    list: async (): Promise<readonly RunpodTemplate[]> =>
      (await http.get("/v2/templates", { expect: Templates })).templates,
    /** Everybody's, at most 100. */
    public: async (source: "official" | "verified" | "community"): Promise<readonly RunpodTemplate[]> =>
      (await http.get("/v2/catalog/templates", { query: { source }, expect: Templates })).templates,
    get: (id: string): Promise<RunpodTemplate | null> =>
      orNull(http.get(path`/v2/templates/${id}`, { expect: RunpodTemplate })),
  };
}
