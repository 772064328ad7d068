import { noteText } from "../../app/selectors/provider-notes.js";
import type { Connection } from "../../contract/connection.js";
import type { ProviderState } from "../../contract/provider.js";

/** Providers of pods that do not answer (yet) or are not set up, in words. None from a lab that does not tell of them. */
export async function providerWords(
  connection: Connection,
  nowMs: number,
): Promise<readonly (ProviderState & { readonly text: string })[]> {
  const providers = await connection.pods.providers().catch(() => []);
  return providers
    .filter(({ state }) => state !== "ok")
    .map((provider) => ({ ...provider, text: noteText(provider, nowMs) }));
}
