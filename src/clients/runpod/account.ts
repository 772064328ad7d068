import { z } from "zod";
import type { Http } from "../http/http.js";

// Strict: what could not be read would be deleted by the write.
const Keys = z.object({ keys: z.array(z.string()) });

/** SSH public keys of the account. A pod takes those that are there when it starts. */
export function accountClient(http: Http) {
  const sshKeys = async (): Promise<readonly string[]> =>
    (await http.get("/v2/account/ssh-keys", { expect: Keys })).keys;
  return {
    sshKeys,
    /** Adds a key and keeps the others: RunPod only knows to replace all of them. Answers all that are there now. */
    addSshKey: async (key: string): Promise<readonly string[]> => {
      const present = await sshKeys();
      const added = key.trim();
      if (present.some((one) => sameKey(one, added))) return present;
      const keys = [...present, added];
      return (await http.put("/v2/account/ssh-keys", { body: { keys }, expect: Keys })).keys;
    },
  };
}

/** Type and key; the comment is for people. */
const sameKey = (a: string, b: string) => bare(a) === bare(b);
const bare = (key: string) => key.trim().split(/\s+/).slice(0, 2).join(" ");
