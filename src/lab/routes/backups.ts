import { z } from "zod";
import { Backup, BackupStats, NewBackup } from "../../contract/backup.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation, defineRoute } from "../http/route.js";
import { sendFile } from "../http/send-file.js";

const params = z.object({ backupId: z.string() });
const example = { params: { backupId: sampleIds.backup } };

export const listBackups = defineOperation({
  method: "get",
  path: "/v1/backups",
  needs: "labs:admin",
  summary: "Backups, newest first; the envelope's meta has stats of all",
  query: z.object({
    labId: z.string().min(1),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: z.string().optional(),
  }),
  result: z.array(Backup),
  call: { path: "backups:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ backups }, { query }) {
    const { rows, nextCursor, hasMore } = await backups.list(query);
    return { data: rows, nextCursor, hasMore, meta: { stats: await backups.stats(query.labId) } };
  },
});

export const backupStats = defineOperation({
  method: "get",
  path: "/v1/backups/stats",
  needs: "labs:admin",
  summary: "How many backups there are, how large, and when the last was complete",
  query: z.object({ labId: z.string().min(1) }),
  result: BackupStats,
  call: { path: "backups:stats", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  handle: async ({ backups }, { query }) => ({ data: await backups.stats(query.labId) }),
});

export const createBackup = defineOperation({
  method: "post",
  path: "/v1/backups",
  needs: "labs:admin",
  summary: "Begin a backup while the lab runs: the whole data directory, or a checkpoint of the database alone",
  body: NewBackup,
  result: Backup,
  status: 201,
  call: { path: "backups:create", kind: "mutation" },
  example: { body: { labId: sampleIds.lab, type: "checkpoint" } },
  handle: async ({ backups }, { body }) => ({ data: await backups.create(body) }),
});

export const getBackup = defineOperation({
  method: "get",
  path: "/v1/backups/{backupId}",
  needs: "labs:admin",
  summary: "One backup: whether it is complete, and how large",
  params,
  result: Backup,
  call: { path: "backups:get", kind: "query" },
  example,
  handle: async ({ backups }, { params: { backupId } }) => ({ data: await backups.get(backupId) }),
});

export const deleteBackup = defineOperation({
  method: "delete",
  path: "/v1/backups/{backupId}",
  needs: "labs:admin",
  summary: "Delete a backup and its archive; one that is being made is given up",
  params,
  result: z.object({ id: z.string(), deleted: z.literal(true) }),
  call: { path: "backups:remove", kind: "mutation" },
  example,
  async handle({ backups }, { params: { backupId } }) {
    await backups.remove(backupId);
    return { data: { id: backupId, deleted: true } };
  },
});

export const downloadBackup = defineRoute({
  method: "get",
  path: "/v1/backups/{backupId}/download",
  needs: "labs:admin",
  summary: "The archive of a backup; takes Range",
  params,
  result: z.string().describe("the bytes"),
  example,
  async handle({ services }, { params: { backupId }, http }) {
    const { backup, file } = await services.backups.content(backupId);
    const missing = `The archive of backup ${backupId} is gone.`;
    const fileName = backup.file ?? "backup.tar.gz";
    const { sha256 } = backup;
    return sendFile(http, { file, fileName, mimeType: "application/gzip", sha256, disposition: "attachment", missing });
  },
});
