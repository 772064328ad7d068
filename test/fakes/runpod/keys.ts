import { Refusal } from "./answer.js";
import type { Area } from "./route.js";

export interface KeyRights {
  /** Areas this key gets 403 for. */
  readonly deny?: readonly Area[];
  /** GET only. */
  readonly readOnly?: boolean;
  /** 401 from now on. */
  readonly revoked?: boolean;
}

/** The keys of the account. Only the Authorization header counts. */
export function createKeys(first: string) {
  const keys = new Map<string, KeyRights>([[first, {}]]);
  return {
    set: (key: string, rights: KeyRights) => {
      keys.set(key, rights);
    },
    /** The key of a request, or a 401. */
    authenticate(authorization: string | undefined): string {
      const key = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1];
      if (key === undefined) throw new Refusal(401, "missing bearer token");
      const rights = keys.get(key);
      if (rights === undefined || rights.revoked === true) throw new Refusal(401, "invalid API key");
      return key;
    },
    /** A valid key without the right gets 403, not 401. */
    authorize(key: string, area: Area, method: string): void {
      const rights = keys.get(key) ?? {};
      const writes = method !== "GET" && area !== "graphql";
      if (rights.deny?.includes(area) === true || (rights.readOnly === true && writes)) {
        throw new Refusal(403, "access denied");
      }
    },
  };
}
export type Keys = ReturnType<typeof createKeys>;
