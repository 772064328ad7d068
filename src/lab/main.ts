import { homedir } from "node:os";
import type { Config } from "../config/config.js";
import { resolvePaths } from "../config/paths.js";
import { type Discovery, labProtocol, type StartNotice } from "../contract/discovery.js";
import { systemClock } from "../core/clock.js";
import { toFailure } from "../core/failure.js";
import { createAccess } from "./access/access.js";
import { createBackend } from "./backend.js";
import { composeLab } from "./compose.js";
import { functions } from "./functions/index.js";
import { createApp } from "./http/app.js";
import { createServer } from "./http/server.js";
import { type DataDir, openDataDir } from "./process/data-dir.js";
import { LockedError } from "./process/data-lock.js";
import { checkHost, listen } from "./process/listen.js";
import { type LogFile, openLogFile } from "./process/log-file.js";
import { createStore, type LabStore } from "./store/store.js";
import { functionApi } from "./sync/http.js";
import { attachSync } from "./sync/server.js";

export interface LabOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Consent to an address that other machines reach. */
  readonly insecure: boolean;
  /** Consent to move a corrupt database aside. */
  readonly repair: boolean;
  readonly version: string;
  /** Asked once; may reject with FailureError, which whoever starts the lab is told. */
  readonly settings: () => Promise<Config["lab"]>;
  /** File that runs a template: `node <file> mcmc`. */
  readonly templatesEntry: string;
  /** Called when it answers. */
  readonly onReady?: (discovery: Discovery) => void;
}

const defaultRequestsPerMinute = 600_000;
const heartbeatMs = 15_000;
/** Output is stored on a beat of 100 ms, which paces the rooms already; this only bounds what a burst of other changes costs. */
const minTransitionGapMs = 50;
/** What is not closed by then is left as it lies: the store survives that. */
const stopTimeoutMs = 4500;

interface OpenLab {
  readonly discovery: Discovery;
  readonly log: LogFile;
  readonly movedTo: string | null;
  /** Starts what works by itself. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs the lab in this process until SIGTERM or SIGINT; experiments go on after it. Rejects with FailureError when it can't start. A process
 * that started this one over a channel is told either way.
 */
export async function runLab(options: LabOptions): Promise<void> {
  const stopped = stopSignal();
  let lab: OpenLab;
  try {
    lab = await openLab(options);
  } catch (error) {
    const { kind, message, hint } = toFailure(error);
    const failure = { kind, message, ...(hint === undefined ? {} : { hint }) };
    await tellStarter({ type: "failed", locked: error instanceof LockedError, failure });
    throw error;
  }
  const { discovery, log, movedTo } = lab;
  process.on("uncaughtException", endOnFault(log, "uncaught exception"));
  process.on("unhandledRejection", endOnFault(log, "unhandled rejection"));
  log.info(`lab ${discovery.version} answers at ${discovery.url}, pid ${discovery.pid}, data ${discovery.dataDir}`);
  await tellStarter({ type: "ready", discovery, movedTo });
  options.onReady?.(discovery);
  await lab.start().catch(endOnFault(log, "it can't take up its work"));
  log.info(`${await stopped}: stopping; running experiments go on`);
  await closeInTime(lab);
  log.info("stopped");
  log.close();
}

async function openLab(options: LabOptions): Promise<OpenLab> {
  checkHost(options.host, options.insecure);
  const settings = await options.settings();
  const startedAt = systemClock.now();
  const data = await openDataDir(options.dataDir, { repair: options.repair, now: startedAt });
  const log = openLogFile(data.files.log, systemClock);
  if (data.movedTo !== null) log.error(`the database was corrupt; it is kept as ${data.movedTo}`);
  const store = await createStore(data.db, systemClock);
  try {
    const wired = await wire(options, { data, log, store, settings });
    const url = await listen(wired.server, { ...options, lastPort: data.lastPort });
    const discovery: Discovery = {
      url,
      pid: process.pid,
      dataDir: options.dataDir,
      tokenFile: data.files.token,
      version: options.version,
      protocol: labProtocol,
      startedAt,
    };
    data.announce(discovery);
    const close = async () => {
      await wired.close();
      await store.close();
      data.release();
    };
    return { discovery, log, movedTo: data.movedTo, start: wired.start, close };
  } catch (error) {
    await store.close();
    data.release();
    throw error;
  }
}

interface Base {
  readonly data: DataDir;
  readonly log: LogFile;
  readonly store: LabStore;
  readonly settings: Config["lab"];
}

/** REST, Convex and the lab behind them on one HTTP server. */
async function wire(options: LabOptions, { data, log, store, settings }: Base) {
  const { version, dataDir, templatesEntry } = options;
  const clock = systemClock;
  const { configDir } = resolvePaths(process.env, homedir());
  const base = { store, clock, dataDir, settings, configDir, templatesEntry, version };
  const lab = await composeLab({ ...base, env: process.env, log: log.info });
  const { services } = lab;
  const onError = (error: unknown) => log.error("sync", error);
  const access = createAccess({ store, clock, services, settings, token: data.token, onError });
  const { actors, guard, requestDays } = access;
  const { byToken: actorOf, onChange: onAccessChange } = actors;
  const backend = createBackend({ store, services, functions, actorOf, onAccessChange, clock });
  const sync = { onError, allowOrigin: guard.allowsOrigin };
  const app = createApp({
    services,
    store,
    clock,
    version,
    heartbeatMs,
    actorOf,
    onAccessChange,
    requestsPerMinute: settings.requestsPerMinute ?? defaultRequestsPerMinute,
    requestDays,
    guard,
    ...(settings.envelope === undefined ? {} : { envelope: settings.envelope }),
    functionApi: functionApi(backend, sync),
    onFault: (requestId, error) => log.error(requestId, error),
  });
  const server = createServer(app.fetch);
  const sockets = attachSync(server, backend, { ...sync, minTransitionGapMs });
  return {
    server,
    start: lab.start,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await sockets.close();
      server.closeAllConnections();
      await Promise.all([closed, lab.stop()]);
      await access.close();
    },
  };
}

/** Listens before anything else is done, so that no signal is lost; answers with the first one's name. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
  });
}

/** After a fault the state is in doubt: end, and let the next start take the runs up from what is on disk. */
function endOnFault(log: LogFile, what: string): (error: unknown) => never {
  return (error) => {
    log.error(`${what}; ending, runs go on`, error);
    process.exit(1);
  };
}

async function closeInTime(lab: OpenLab): Promise<void> {
  const timer = setTimeout(() => {
    lab.log.error(`not closed after ${stopTimeoutMs} ms; ending as it is`);
    process.exit(1);
  }, stopTimeoutMs);
  await lab.close();
  clearTimeout(timer);
}

/** Says how the start went to whoever started this process, then lets go of the channel: it would keep both alive. */
async function tellStarter(notice: StartNotice): Promise<void> {
  const isConnected = () => process.connected;
  if (!isConnected()) return;
  await new Promise<void>((resolve) => {
    process.send?.(notice, undefined, {}, () => resolve());
  });
  if (isConnected()) process.disconnect();
}
