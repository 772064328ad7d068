import { z } from "zod";
import { Backup } from "../../contract/backup.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

/** Backups that the lab keeps; the owner's alone. */
export function backupsClient(http: Http) {
  return {
    list: (query: PageQuery & { labId: string }) =>
      http.get("/v1/backups", { query: { ...query }, expect: pageOf(Backup) }),
    get: (id: string) => http.get(path`/v1/backups/${id}`, { expect: dataOf(Backup) }),
    delete: (id: string) => http.delete(path`/v1/backups/${id}`, { expect: z.unknown() }),
  };
}
