import { z } from "zod";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { orNull } from "./pods.js";
import { amount, list, text } from "./tolerant.js";

/** A volume that outlives pods; a pod that mounts it has to be in its data centre. */
export const NetworkVolume = z.object({
  id: z.string().min(1),
  name: z.string().catch(""),
  /** GB. */
  size: amount,
  dataCenter: text,
  type: text,
});
export type NetworkVolume = z.infer<typeof NetworkVolume>;

export function networkVolumesClient(http: Http) {
  return {
    list: async (signal?: AbortSignal): Promise<readonly NetworkVolume[]> => {
      const expect = z.object({ networkVolumes: list(NetworkVolume) });
      return (await http.get("/v2/network-volumes", { expect, signal })).networkVolumes;
    },
    get: (id: string): Promise<NetworkVolume | null> =>
      orNull(http.get(path`/v2/network-volumes/${id}`, { expect: NetworkVolume })),
    create: (body: { name: string; size: number; dataCenter: string; type?: string }) =>
      http.post("/v2/network-volumes", { body, expect: NetworkVolume }),
    /** Destroys what is on it. False: it was gone already. */
    delete: async (id: string): Promise<boolean> =>
      (await orNull(http.delete(path`/v2/network-volumes/${id}`, { expect: z.unknown().transform(() => true) }))) ??
      false,
  };
}
