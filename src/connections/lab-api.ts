import { createHttp, type Http } from "../clients/http/http.js";
import { hubifyClient } from "../clients/hubify/index.js";
import type { Lab } from "../contract/lab.js";
import { FailureError } from "../core/failure.js";
import { ensureLab, type StartLab } from "./lab-process.js";

/** One lab of a server over REST: all that one-shot commands need. What is live comes with a `Connection`. */
export interface LabApi {
  readonly lab: Lab;
  readonly client: ReturnType<typeof hubifyClient>;
  readonly http: Http;
  close(): Promise<void>;
}

export interface LabChoice {
  /** Slug or id; default the server's first lab. */
  readonly ref: string | undefined;
  /** Its `EXP-001` is meant and no other lab's, and other labs are not there (`X-Hubify-Lab`). */
  readonly alone: boolean;
}

/** One of the labs behind `endpoint`, which is asked before each request. Rejects with FailureError. */
export async function openLabApi(
  endpoint: () => { readonly url: string; readonly token: string },
  { ref, alone }: LabChoice,
): Promise<LabApi> {
  let headers: Readonly<Record<string, string>> = {};
  const http = createHttp({
    baseUrl: () => endpoint().url,
    token: () => endpoint().token,
    headers: () => headers,
  });
  try {
    const client = hubifyClient(http);
    const lab = ref === undefined ? (await client.labs.list()).rows[0] : await client.labs.get(ref);
    if (lab === undefined) throw new FailureError({ kind: "notFound", message: "the server has no lab" });
    if (alone) headers = { "x-hubify-lab": lab.id };
    return { lab, client, http, close: () => http.close() };
  } catch (error) {
    await http.close();
    throw error;
  }
}

/** As `openLabApi`, of the lab of a data directory on this machine, which is started when none runs. */
export async function openLocalApi(start: StartLab, choice: LabChoice): Promise<LabApi> {
  const running = await ensureLab(start);
  return openLabApi(() => running, choice);
}
