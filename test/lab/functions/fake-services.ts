import type { LogEntry } from "../../../src/contract/log-entry.js";
import { notRented, type Pod } from "../../../src/contract/pod.js";
import { LabError } from "../../../src/lab/lab-error.js";
import { createMoney } from "../../../src/lab/money/money.js";
import { searchSources } from "../../../src/lab/search/sources.js";
import { createActivity } from "../../../src/lab/services/activity.js";
import { createKeys } from "../../../src/lab/services/keys.js";
import { openCursor, sealCursor } from "../../../src/lab/services/logs/cursor.js";
import { createOutputs } from "../../../src/lab/services/outputs.js";
import { createQc } from "../../../src/lab/services/qc.js";
import { createResearch } from "../../../src/lab/services/research.js";
import { createSearch } from "../../../src/lab/services/search.js";
import type { LogsService, MetricsService, PodsService, Services } from "../../../src/lab/services/service.js";
import { createSessions } from "../../../src/lab/services/sessions.js";
import { createSettings } from "../../../src/lab/services/settings.js";
import { createWebhooks } from "../../../src/lab/services/webhooks.js";
import { composeFiles } from "../../../src/lab/uploads/compose-files.js";
import { openWebhookSecrets } from "../../../src/lab/webhooks/secrets.js";
import { openLab, templates } from "../services/lab-fixture.js";

export type FakeLogs = LogsService & { append(experimentId: string, ...messages: string[]): void; end(): void };

/** A log in memory: one line of ten bytes each, so that offsets are 10 × seq. A message that begins with `E` is an error. */
export function fakeLogs(): FakeLogs {
  const rows: LogEntry[] = [];
  let ended = false;
  return {
    append(experimentId, ...messages) {
      for (const message of messages) {
        const seq = rows.length;
        const level = message.startsWith("E") ? "error" : "info";
        rows.push({
          _id: `${experimentId}:${seq}`,
          _creationTime: seq,
          experimentId,
          seq,
          level,
          message,
          timestamp: seq,
        });
      }
    },
    end: () => void (ended = true),
    tail: async (_, { limit, level }) => rows.filter((row) => level === undefined || row.level === level).slice(-limit),
    async since(_, { after, limit, upTo = rows.length - 1 }) {
      const found = rows.filter(({ seq }) => seq > after && seq <= upTo);
      return {
        rows: found.slice(0, limit),
        next: found.slice(0, limit).at(-1)?.seq ?? after,
        more: found.length > limit,
      };
    },
    before: async (_, { before, limit }) => rows.filter(({ seq }) => seq < before).slice(-limit),
    /** Pages back through lines of a level; other filters are the real logs' business. */
    async query(id, wanted) {
      const { level, limit = 100, cursor, before } = wanted;
      const place = { attempt: 1, direction: "back", sinceMs: null, untilMs: null } as const;
      const end = cursor === undefined ? (before ?? rows.length) : openCursor(id, wanted, cursor).seq;
      const found = rows.filter((row) => row.seq < end && (level === undefined || row.level === level)).slice(-limit);
      const from = found.length === limit ? (found[0]?.seq ?? 0) : 0;
      const olderCursor = from > 0 ? sealCursor(id, wanted, { ...place, seq: from }) : null;
      return { rows: found, nextCursor: olderCursor, hasMore: olderCursor !== null, olderCursor, newerCursor: null };
    },
    lastError: async () => rows.findLast(({ level }) => level === "error"),
    file: () => Promise.reject(new LabError("not_found", "not here")),
    head: async () => rows.length,
    async frame(_, offset) {
      const lines = rows.slice(offset / 10, offset / 10 + 3);
      return { lines, next: offset + lines.length * 10, ended: ended && offset / 10 + lines.length >= rows.length };
    },
    remove: async () => undefined,
  };
}

export const pod = (labId: string, id = "podaaa"): Pod => ({
  ...notRented,
  _id: id,
  _creationTime: 1,
  id,
  labId,
  provider: "local",
  name: "this-machine",
  gpuType: "CPU",
  gpuCount: 0,
  status: "running",
  statusReason: null,
  acceptsWork: true,
  slots: 2,
  slotsUsed: 0,
  gpus: [],
  costPerHourUsd: null,
  costTodayUsd: null,
  idleMinutes: null,
  experiments: [],
  last: null,
  startedAt: 1,
  createdAt: 1,
  updatedAt: 1,
});

const refuse = () => Promise.reject(new LabError("validation_error", "not here"));

function fakePods(labId: string): PodsService {
  const get = (id: string) => {
    if (id !== "podaaa") throw new LabError("not_found", `Pod ${id} does not exist.`);
    return pod(labId);
  };
  return {
    list: async () => [pod(labId), { ...pod(labId, "podbbb"), status: "stopped" }],
    get: async (id) => get(id),
    start: async (id) => ({ ...get(id), acceptsWork: true }),
    stop: async (id) => ({ ...get(id), acceptsWork: false }),
    telemetry: async (_, sinceMs) => [
      {
        podId: "podaaa",
        at: sinceMs + 1,
        cpuPercent: 5,
        memoryUsedBytes: null,
        memoryTotalBytes: null,
        loadAverage: null,
        gpuUtilPercent: null,
        gpuMemoryPercent: null,
        costPerHourUsd: null,
        gpus: [],
      },
    ],
    create: refuse,
    patch: refuse,
    restart: refuse,
    terminate: refuse,
    deploy: refuse,
    fetchOutputs: refuse,
    stock: async () => [],
    providers: async () => [],
    followLog() {
      throw new LabError("validation_error", "not here");
    },
    latest: async () => [],
  };
}

/** The real queue on a real store, with logs, metrics and pods in memory. */
export async function openServices() {
  const lab = await openLab();
  const logs = fakeLogs();
  const metrics: MetricsService = {
    series: async (ref) => ({ experimentId: ref, points: [], targets: { rminus1: 0.01, rminus1_cl: null } }),
    read: async (ref) => ({ ...(await metrics.series(ref)), last: {}, names: [] }),
    append: async () => undefined,
    post: async (_, { points }) => ({ received: points.length, stored: points.length }),
  };
  const settings = createSettings(lab.store);
  const { store, clock } = lab;
  const money = createMoney({ store, clock, settings, templates, providers: [], log: () => undefined });
  const content = composeFiles({ ...lab, settings: {}, version: "1.2.3", log: () => undefined });
  const research = createResearch({ store, labs: lab.labs, clock });
  const services: Services = {
    ...research,
    labs: lab.labs,
    keys: createKeys(lab),
    sessions: createSessions(lab),
    experiments: lab.experiments,
    checkpoints: lab.checkpoints,
    queues: lab.queues,
    batches: lab.batches,
    logs,
    metrics,
    qc: createQc({
      store,
      clock,
      services: { experiments: lab.experiments, logs, metrics },
      builtIn: templates,
      recorder: { begin: async () => undefined, end: async () => null },
      env: {},
      closing: new AbortController().signal,
    }),
    pods: fakePods(lab.labId),
    costs: money.costs,
    activity: createActivity({ store, labs: lab.labs }),
    webhooks: createWebhooks({
      store,
      labs: lab.labs,
      secrets: openWebhookSecrets(lab.dataDir),
      allowsPrivate: false,
    }),
    search: createSearch({
      store,
      labs: lab.labs,
      pods: async () => [],
      sources: searchSources({ ...research, experiments: lab.experiments, ...content }),
    }),
    settings,
    templates: lab.templates,
    outputs: createOutputs({ store, templates, fetchOne: async () => ({ left: ["big.ckpt"], reason: "unreachable" }) }),
    figures: content.figures,
    files: content.files,
    backups: content.backups,
  };
  return { ...lab, logs, services, content };
}
