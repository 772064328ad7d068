import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { readIfThere, writePrivateFile } from "../process/private-file.js";

const Secrets = z.record(z.string(), z.string());

/** Secrets of webhooks, by document id. They sign what is sent, so they are kept as they are: in a file of their own (0600), not in the database and its backups. */
export interface WebhookSecrets {
  /** undefined: lost, as after a restore; a new one has to be set. */
  get(id: string): string | undefined;
  set(id: string, secret: string): void;
  remove(id: string): void;
}

export const newSecret = (): string => `whsec_${randomBytes(24).toString("base64url")}`;

export function openWebhookSecrets(dataDir: string): WebhookSecrets {
  const file = join(dataDir, "webhook-secrets.json");
  let kept: Record<string, string> | undefined;
  const load = () => (kept ??= Secrets.parse(JSON.parse(readIfThere(file) ?? "{}")));
  const save = (secrets: Record<string, string>) => {
    kept = secrets;
    writePrivateFile(file, `${JSON.stringify(secrets)}\n`);
  };
  return {
    get: (id) => load()[id],
    set: (id, secret) => save({ ...load(), [id]: secret }),
    remove(id) {
      const { [id]: gone, ...rest } = load();
      if (gone !== undefined) save(rest);
    },
  };
}
