import { createFromDraft, defaultImage } from "../../clients/runpod/draft.js";
import type { RunpodClient } from "../../clients/runpod/index.js";
import { type AccountFacts, seenPod } from "../../clients/runpod/pod-state.js";
import { stockRows } from "../../clients/runpod/stock.js";
import type { StockRow } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import type { Provider } from "./provider.js";

export interface RunpodProviderOptions {
  readonly client: RunpodClient;
  readonly clock: Clock;
  /** Of a pod whose maker names none. */
  readonly image?: string | undefined;
}

/** Network volumes come and go by hand only. */
const volumesKeptMs = 5 * 60_000;

/** RunPod behind the lab's interface, over REST v2. */
export function runpodProvider({ client, clock, image = defaultImage }: RunpodProviderOptions): Provider {
  const facts = createAccountFacts(client, clock);
  const see = async (pod: Parameters<typeof seenPod>[0]) => seenPod(pod, await facts(pod.mounts?.network.length ?? 0));

  return {
    name: "runpod",
    label: "RunPod",
    rents: true,
    paceMs: (atLeastMs) => client.governor.paceMs(atLeastMs),
    async list(signal) {
      const pods = await client.pods.list(signal);
      const known = await facts(pods.filter(({ mounts }) => (mounts?.network.length ?? 0) > 0).length);
      return pods.map((pod) => seenPod(pod, known));
    },
    async get(id, signal) {
      const pod = await client.pods.get(id, signal);
      return pod === null ? null : see(pod);
    },
    create: async (draft) => see(await create(client, draft, image)),
    patch: async (id, { name, locked }) =>
      see(
        await client.pods.patch(id, {
          ...(name === undefined ? {} : { name }),
          ...(locked === undefined ? {} : { locked }),
        }),
      ),
    start: client.pods.start,
    stop: client.pods.stop,
    restart: client.pods.restart,
    terminate: async (id) => {
      await client.pods.delete(id);
    },
    followLog: (id, options) => client.pods.followLog(id, options),
    stock: () => stock(client),
    billing: (sinceMs) => client.billing.pods({ span: { sinceMs, untilMs: clock.now() } }),
    balance: client.balance,
    close: client.close,
  };
}

/** With the public keys of the account beside the lab's own. RunPod's images read the first, its agent the second. */
async function create(client: RunpodClient, draft: Parameters<Provider["create"]>[0], image: string) {
  const { PUBLIC_KEY: ours, ...env } = draft.env ?? {};
  const keys = [...(await accountKeys(client)), ...(ours === undefined ? [] : [ours])].join("\n");
  const withKeys = keys === "" ? env : { ...env, PUBLIC_KEY: keys, SSH_PUBLIC_KEY: keys };
  return (await createFromDraft(client, { ...draft, image: draft.image ?? templateless(draft, image), env: withKeys }))
    .pod;
}

/** A template has an image of its own. */
const templateless = ({ templateId }: { templateId?: string | undefined }, image: string) =>
  templateId === undefined ? image : undefined;

/** So that the account's owner gets in too. A key that may not read them is no reason to make no pod. */
async function accountKeys(client: RunpodClient): Promise<readonly string[]> {
  try {
    return await client.account.sshKeys();
  } catch {
    return [];
  }
}

async function stock(client: RunpodClient): Promise<readonly StockRow[]> {
  const [secure, community] = await Promise.all([
    client.catalog.gpus({ cloud: "SECURE" }),
    client.catalog.gpus({ cloud: "COMMUNITY" }),
  ]);
  return stockRows({ SECURE: secure, COMMUNITY: community });
}

/** Which network volumes there are: asked only when some pod has one, and seldom. Without an answer nothing is said to be gone. */
function createAccountFacts(client: RunpodClient, clock: Clock): (podsWithVolume: number) => Promise<AccountFacts> {
  let known: { readonly at: number; readonly facts: AccountFacts } | null = null;
  return async (podsWithVolume) => {
    if (podsWithVolume === 0) return {};
    const now = clock.now();
    if (known !== null && now - known.at < volumesKeptMs) return known.facts;
    try {
      const volumes = await client.networkVolumes.list();
      known = { at: now, facts: { networkVolumes: new Map(volumes.map(({ id, size }) => [id, size])) } };
      return known.facts;
    } catch {
      return known?.facts ?? {};
    }
  };
}
