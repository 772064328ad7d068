import type { PodTrouble } from "../../contract/pod.js";
import {
  type ConnectionOptions,
  type Hello,
  LinkError,
  openConnection,
  type Request,
  type SshConnection,
} from "./ssh-connection.js";
import { passesByItself } from "./ssh-trouble.js";

/** How it stands with the connection to a host. */
export interface HostLink {
  readonly link: "connecting" | "up" | "down";
  /** ms; since when it is up, or since when it is not. */
  readonly since: number;
  /** Why it is not up, and what it suffers from while it is. */
  readonly trouble: PodTrouble | null;
  /** What the host said at the last connection; null before the first. */
  readonly hello: Hello | null;
}

/** A host reached by ssh: one session, opened anew whenever it is lost, until it is closed. */
export interface SshSession {
  link(): HostLink;
  onLink(listener: (link: HostLink) => void): () => void;
  /** In turn with the others. Rejects with LinkError at once while the link is down; nothing is repeated here. */
  ask<T>(request: Request<T>): Promise<T>;
  /** As `ask`, and again after every lost connection until it is answered. Only for what may be done twice. */
  insist<T>(request: () => Request<T> | Promise<Request<T>>, signal: AbortSignal): Promise<T>;
  /** Tries now instead of after the pause. */
  retry(): void;
  close(): Promise<void>;
}

export interface SessionOptions extends ConnectionOptions {
  /** Pauses between two tries, ms: from … to; what does not pass by itself is tried less often. */
  readonly backoff?: { readonly fromMs: number; readonly toMs: number; readonly hopelessMs: number } | undefined;
}

const defaultBackoff = { fromMs: 500, toMs: 15_000, hopelessMs: 60_000 };
/** A connection that held this long was a good one: the pauses begin anew. */
const goodMs = 5_000;
const skewWorthTellingMs = 60_000;

export function openSession(options: SessionOptions): SshSession {
  const link = createLink({ link: "connecting", since: options.now(), trouble: null, hello: null });
  const keeper = keepUp(options, link);
  let turn: Promise<unknown> = Promise.resolve();

  const ask = <T>(request: Request<T>): Promise<T> => {
    const before = turn;
    const mine = (async () => {
      await before.catch(() => undefined);
      const connection = keeper.connection();
      if (connection === null || link.now().link !== "up") throw new LinkError(link.now().trouble ?? notYet);
      return await connection.ask(request);
    })();
    turn = mine;
    return mine;
  };

  return {
    link: link.now,
    onLink: link.on,
    ask,
    async insist(request, signal) {
      for (;;) {
        await link.untilUp(signal);
        try {
          return await ask(await request());
        } catch (error) {
          if (!(error instanceof LinkError) || signal.aborted) throw error;
        }
      }
    },
    retry: keeper.retry,
    close: keeper.close,
  };
}

/** Aborted once the link has been down for `patienceMs` without a break; what is long over a good link is not cut. */
export function whileReachable(session: SshSession, patienceMs: number): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const check = ({ link }: HostLink) => {
    if (link === "up") {
      clearTimeout(timer);
      timer = undefined;
    } else {
      timer ??= setTimeout(() => controller.abort(), patienceMs);
    }
  };
  const forget = session.onLink(check);
  check(session.link());
  const end = () => {
    forget();
    clearTimeout(timer);
  };
  return { signal: controller.signal, end };
}

/** The state of a link and who listens to it. */
function createLink(first: HostLink) {
  let now = first;
  let isClosed = false;
  const listeners = new Set<(link: HostLink) => void>();
  const set = (change: Partial<HostLink>) => {
    now = { ...now, ...change };
    for (const listener of [...listeners]) listener(now);
  };
  return {
    now: () => now,
    set,
    on(listener: (link: HostLink) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close(at: number) {
      isClosed = true;
      set({ link: "down", since: at, trouble: closedTrouble });
    },
    untilUp: (signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const check = () => {
          if (isClosed || signal.aborted) reject(new LinkError(closedTrouble));
          else if (now.link === "up") resolve();
          else return;
          listeners.delete(check);
          signal.removeEventListener("abort", check);
        };
        listeners.add(check);
        signal.addEventListener("abort", check, { once: true });
        check();
      }),
  };
}

/** Opens one connection after the other, with pauses that grow. */
function keepUp(options: SessionOptions, link: ReturnType<typeof createLink>) {
  const { now, backoff = defaultBackoff } = options;
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let connection: SshConnection | null = null;
  let wake: () => void = () => undefined;

  /** Up until it ends; answers how long it held. */
  const hold = async (): Promise<number> => {
    const opened = openConnection(options);
    connection = opened;
    let upAt = Infinity;
    try {
      const hello = await opened.hello;
      upAt = now();
      const refusal = refusalOf(hello);
      if (refusal !== null) opened.kill(refusal);
      else link.set({ link: "up", since: upAt, trouble: skewTrouble(hello), hello });
    } catch {
      opened.kill();
    }
    const trouble = await opened.ended;
    connection = null;
    const before = link.now();
    const since = before.link === "up" ? now() : before.since;
    if (!isClosing()) link.set({ link: "down", since, trouble });
    return now() - upAt;
  };

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const loop = async () => {
    let pauseMs = backoff.fromMs;
    while (!isClosing()) {
      if ((await hold()) >= goodMs) pauseMs = backoff.fromMs;
      if (isClosing()) return;
      const { trouble } = link.now();
      await pause(trouble !== null && !passesByItself(trouble) ? backoff.hopelessMs : pauseMs);
      pauseMs = Math.min(backoff.toMs, pauseMs * 2);
      if (!isClosing()) link.set({ link: "connecting" });
    }
  };
  const ended = loop();

  return {
    connection: () => connection,
    retry: () => wake(),
    async close() {
      closing.abort();
      link.close(now());
      connection?.kill();
      wake();
      await ended;
    },
  };
}

const notYet: PodTrouble = { code: "unreachable", message: "not connected yet" };
const closedTrouble: PodTrouble = { code: "unreachable", message: "not connected" };

/** Hosts that runs can't live on. */
function refusalOf({ system, hasSetsid }: Hello): PodTrouble | null {
  if (system !== "Linux") return { code: "notLinux", message: `it runs ${system}: runs on other machines need Linux` };
  if (!hasSetsid) return { code: "noShell", message: "its image has no setsid (util-linux or busybox): runs need it" };
  return null;
}

function skewTrouble({ clockSkewMs }: Hello): PodTrouble | null {
  if (Math.abs(clockSkewMs) < skewWorthTellingMs) return null;
  const minutes = Math.round(Math.abs(clockSkewMs) / 60_000);
  const way = clockSkewMs > 0 ? "ahead" : "behind";
  return { code: "clockWrong", message: `its clock is ${minutes} min ${way}: times of its runs are corrected by that` };
}
