import type { Experiment } from "../contract/experiment.js";
import type { LogEntry } from "../contract/log-entry.js";
import type { TelemetrySample } from "../contract/pod.js";
import type { LogBuffer } from "./log-buffer.js";
import { visibleExperiments } from "./selectors/visible-experiments.js";
import { podWindowsMs } from "./slices/pods.js";
import type { Snapshot } from "./snapshot-schema.js";
import { type AppState, initialState } from "./store.js";

const keptRows = 200;
const keptLines = 200;
const keptPoints = 2000;
/** Of each pod, and of all of them: of a large fleet fewer each. */
const keptSamples = { each: 120, all: 6000 };

/** The view and the last known rows, as plain JSON: the next start paints them before anything live has come. */
export function toSnapshot(state: AppState, savedAt: number): Snapshot {
  const { link, view, experiments, pods, log, chain, alerts } = state;
  return {
    version: 1,
    // What was read from disk and never refreshed is as old as it was.
    savedAt: link.fromDisk ? (link.savedAt ?? savedAt) : savedAt,
    label: link.label,
    focus: view.focus,
    zoomed: view.zoomed,
    queue: {
      selectedId: experiments.selectedId,
      filter: experiments.filter,
      sort: experiments.sort,
      reversed: experiments.reversed,
      bookmarks: [...experiments.bookmarks],
      marked: [...experiments.marked],
    },
    pods: {
      selectedId: pods.selectedId,
      filter: pods.filter,
      sort: pods.sort,
      reversed: pods.reversed,
      windowMs: podWindowsMs.find((known) => known === pods.windowMs) ?? podWindowsMs[0],
      perGpu: pods.perGpu,
    },
    log: { wrap: log.wrap, showTime: log.showTime, level: log.level },
    acknowledged: [
      ...alerts.open.filter(({ acknowledged }) => acknowledged).map(({ key }) => key),
      // Whose cause has not been looked at yet in this session.
      ...alerts.acknowledgedBefore.filter((key) => !alerts.open.some((alert) => alert.key === key)),
    ].slice(0, keptRows),
    last: {
      experiments: keptExperiments(state),
      pods: [...pods.rows],
      samples: newestSamples(pods.samples),
      logOf: log.experimentId,
      lines: lastLines(log.buffer, log.experimentId),
      series: chain.series === null ? null : { ...chain.series, points: chain.series.points.slice(-keptPoints) },
      costs: state.costs.costs,
    },
  };
}

function newestSamples(samples: AppState["pods"]["samples"]): TelemetrySample[] {
  const series = Object.values(samples);
  const each = Math.max(1, Math.min(keptSamples.each, Math.floor(keptSamples.all / Math.max(1, series.length))));
  return series.flatMap((one) => one.slice(-each));
}

/** Those at the top of the list as it was shown, and the selected one wherever it was. */
function keptExperiments({ experiments }: AppState): Experiment[] {
  const view = visibleExperiments({ ...experiments, filter: "" });
  const rows = Array.from({ length: Math.min(keptRows, view.length) }, (_, position) => view.at(position));
  const selected = experiments.selectedId === null ? undefined : view.byId(experiments.selectedId);
  return [...new Set([...rows, selected])].filter((row) => row !== undefined);
}

function lastLines(buffer: LogBuffer, experimentId: string | null): LogEntry[] {
  if (experimentId === null) return [];
  const lines: LogEntry[] = [];
  for (let index = Math.max(buffer.firstIndex, buffer.endIndex - keptLines); index < buffer.endIndex; index++) {
    const line = buffer.line(index, 4096);
    if (line?.kind !== "line") continue;
    const { seq, level, text, at } = line;
    lines.push({
      _id: `${experimentId}:${seq}`,
      _creationTime: at,
      experimentId,
      seq,
      level,
      message: text,
      timestamp: at,
    });
  }
  return lines;
}

/** The state a room starts with: the view of the last time, and what was known then, marked as old. */
export function restoredState(buffer: LogBuffer, snapshot: Snapshot | null): AppState {
  const fresh = initialState(buffer);
  if (snapshot === null) return fresh;
  const { last, queue, pods, log, savedAt } = snapshot;
  buffer.clear();
  buffer.append(last.lines);
  const samples: Record<string, TelemetrySample[]> = {};
  for (const sample of last.samples) (samples[sample.podId] ??= []).push(sample);
  return {
    ...fresh,
    link: { ...fresh.link, label: snapshot.label, fromDisk: true, savedAt },
    view: { ...fresh.view, focus: snapshot.focus, zoomed: snapshot.zoomed },
    experiments: { ...fresh.experiments, ...queue, live: last.experiments, loaded: last.experiments.length > 0 },
    pods: { ...fresh.pods, ...pods, rows: last.pods, samples, loaded: last.pods.length > 0 },
    costs: { ...fresh.costs, costs: last.costs },
    log: { ...fresh.log, ...log, experimentId: last.logOf, loaded: last.lines.length > 0, revision: 1 },
    chain: { ...fresh.chain, experimentId: last.series?.experimentId ?? null, series: last.series },
    alerts: { ...fresh.alerts, acknowledgedBefore: snapshot.acknowledged },
  };
}
