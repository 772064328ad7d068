import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { FailureError } from "../core/failure.js";

/** `credentials.json`: keys of other systems, apart from `config.json` so that the latter can be shown and kept in git. */
export const Credentials = z.object({ runpodApiKey: z.string().optional() });
export type Credentials = z.infer<typeof Credentials>;

export const credentialsFile = (configDir: string) => join(configDir, "credentials.json");

/**
 * Reads the credentials file; `{}` when there is none. Throws FailureError when others than its owner can get at it, or when
 * it isn't what it should be. No message ever quotes what stands in it.
 */
export function readCredentials(file: string): Credentials {
  let text: string;
  let mode: number;
  try {
    const handle = openSync(file, "r");
    try {
      // Mode and text of the same file, should it be replaced meanwhile.
      mode = fstatSync(handle).mode & 0o777;
      text = readFileSync(handle, "utf8");
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    throw refused(`${file} cannot be read: ${code ?? "unknown error"}`, "check its permissions");
  }
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const octal = mode.toString(8).padStart(4, "0");
    throw refused(`${file} holds keys and is open to others (mode ${octal})`, `chmod 600 ${file}`);
  }
  const parsed = Credentials.safeParse(fromJson(text));
  if (!parsed.success) throw refused(`${file} is not {"runpodApiKey": "…"} in JSON`, "mend the file or move it away");
  return parsed.data;
}

/** The key of a RunPod account: `RUNPOD_API_KEY` of the environment, else of the credentials file; undefined when neither has one. */
export function runpodApiKey(env: NodeJS.ProcessEnv, configDir: string): string | undefined {
  const fromEnv = env["RUNPOD_API_KEY"]?.trim();
  if (fromEnv !== undefined && fromEnv !== "") return checked(fromEnv, "RUNPOD_API_KEY");
  const file = credentialsFile(configDir);
  const fromFile = readCredentials(file).runpodApiKey?.trim();
  return fromFile === undefined || fromFile === "" ? undefined : checked(fromFile, `runpodApiKey of ${file}`);
}

/** Where RunPod answers: `RUNPOD_API_BASE_URL` is the host without `/v2`, as RunPod's own tools have it. */
export function runpodBaseUrl(env: NodeJS.ProcessEnv): string | undefined {
  const given = env["RUNPOD_API_BASE_URL"]?.trim();
  if (given === undefined || given === "") return undefined;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw refused("RUNPOD_API_BASE_URL is no http or https address", "give the host without /v2, or unset it");
  }
  return given.replace(/\/+$/, "");
}

/** A key goes into a header: anything but one printable word would be refused there with the key in the error. */
function checked(key: string, where: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw refused(`${where} is no key: it has spaces or other characters no key has`, "copy it again");
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (message: string, hint: string) => new FailureError({ kind: "invalid", message, hint });
