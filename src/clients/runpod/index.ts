import { createHttp, type HttpOptions } from "../http/http.js";
import { createRateGovernor, type RateGovernor } from "../http/rate-governor.js";
import { systemTime } from "../http/time.js";
import { accountClient } from "./account.js";
import { loadBalance } from "./balance.js";
import { billingClient } from "./billing.js";
import { catalogClient } from "./catalog.js";
import { networkVolumesClient } from "./network-volumes.js";
import { podsClient } from "./pods.js";
import { runpodRetry } from "./retry.js";
import { secretsClient } from "./secrets.js";
import { templatesClient } from "./templates.js";
import { runpodWords } from "./words.js";

export interface RunpodOptions extends Pick<HttpOptions, "dispatcher" | "userAgent" | "timeoutMs" | "time"> {
  /** `rpa_…`. Goes into a header and nowhere else. */
  readonly apiKey: string;
  /** Without `/v2`, as `RUNPOD_API_BASE_URL` of RunPod's own tools. */
  readonly baseUrl?: string | undefined;
  /** Of the balance query; follows `baseUrl` unless given. */
  readonly graphqlUrl?: string | undefined;
}

export type RunpodClient = ReturnType<typeof runpodClient>;

export const runpodApiUrl = "https://api.runpod.io";

/**
 * RunPod's REST v2. Every method rejects with FailureError and nothing else; nothing that costs money is ever sent twice.
 * `governor` says how fast one may poll.
 */
export function runpodClient({ apiKey, baseUrl = runpodApiUrl, graphqlUrl, ...options }: RunpodOptions) {
  const time = options.time ?? systemTime;
  const governor: RateGovernor = createRateGovernor(time);
  const shared = { timeoutMs: 30_000, ...options, token: () => apiKey, retry: runpodRetry, refine: runpodWords };
  const http = createHttp({ ...shared, baseUrl: () => baseUrl, onAnswer: governor.note });
  // Its limits are others than those of v2: it has no say in the pace.
  const graphql = createHttp({ ...shared, baseUrl: () => graphqlUrl ?? `${baseUrl}/graphql` });
  return {
    pods: podsClient(http, time),
    account: accountClient(http),
    catalog: catalogClient(http),
    billing: billingClient(http, time),
    templates: templatesClient(http),
    networkVolumes: networkVolumesClient(http),
    secrets: secretsClient(http),
    balance: () => loadBalance(graphql),
    governor,
    close: async () => {
      await Promise.all([http.close(), graphql.close()]);
    },
  };
}
