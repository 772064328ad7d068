import type { Config } from "../../config/config.js";
import { credentialsFile, runpodApiKey, runpodBaseUrl } from "../../config/credentials.js";
import type { Clock } from "../../core/clock.js";
import { toFailure } from "../../core/failure.js";
import type { Hosts } from "../hosts/hosts.js";
import type { LabStore } from "../store/store.js";
import type { Provider } from "./provider.js";
import { failureWords } from "./provider-error.js";
import { sshProvider } from "./ssh-provider.js";

export interface ProviderParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly settings: Pick<Config["lab"], "runpod" | "hosts">;
  readonly env: NodeJS.ProcessEnv;
  readonly configDir: string;
  readonly hosts: Pick<Hosts, "state" | "stat">;
  readonly log: (line: string) => void;
}

export interface Providers {
  readonly providers: readonly Provider[];
  /** Why one is not there, by name, with what to do. */
  readonly missing: Readonly<Record<string, string>>;
}

/** The providers that the config and the environment name. A key that can't be read leaves one out and stops nothing else. */
export async function createProviders(parts: ProviderParts): Promise<Providers> {
  const { settings, env, configDir, log } = parts;
  const providers: Provider[] = [];
  const missing: Record<string, string> = {};

  const own = settings.hosts ?? [];
  if (own.length > 0) providers.push(ownHosts(parts, own));

  if (settings.runpod?.enabled === false) {
    missing["runpod"] = "RunPod is switched off in the config: lab.runpod.enabled";
    return { providers, missing };
  }
  try {
    const apiKey = runpodApiKey(env, configDir);
    if (apiKey === undefined) {
      missing["runpod"] =
        `no RunPod key: set RUNPOD_API_KEY or write {"runpodApiKey": "…"} to ${credentialsFile(configDir)} (mode 600), then restart the lab`;
    } else {
      providers.push(await runpod(parts, apiKey));
    }
  } catch (error) {
    missing["runpod"] = `no RunPod: ${failureWords(toFailure(error))}; then restart the lab`;
    log(missing["runpod"]);
  }
  return { providers, missing };
}

/** Loaded for a lab that has a key: client and transport cost every start of the others 60 ms. */
async function runpod({ settings, env, clock }: ProviderParts, apiKey: string): Promise<Provider> {
  const [{ runpodClient }, { runpodProvider }] = await Promise.all([
    import("../../clients/runpod/index.js"),
    import("./runpod-provider.js"),
  ]);
  const client = runpodClient({ apiKey, baseUrl: runpodBaseUrl(env) });
  return runpodProvider({ client, clock, image: settings.runpod?.image });
}

function ownHosts({ store, clock, hosts, env }: ProviderParts, own: NonNullable<Config["lab"]["hosts"]>): Provider {
  return sshProvider({
    hosts: own,
    sessions: hosts,
    user: env["USER"] ?? env["LOGNAME"] ?? "root",
    now: clock.now,
    async podIdOf(providerId) {
      const row = await store.db
        .selectFrom("pods")
        .select("id")
        .where("provider", "=", "ssh")
        .where("provider_id", "=", providerId)
        .executeTakeFirst();
      return row?.id;
    },
  });
}
