/** Limits and rhythm of the sync endpoint. Defaults fit a lab on loopback. */
export interface SyncOptions {
  /** Path before `/api`, for several labs behind one port; no slash at its end. */
  readonly mountPath: string;
  /** A Ping goes out after this long without another message: clients give up after 60 s of silence. */
  readonly pingMs: number;
  readonly wsPingMs: number;
  /** A peer that answers no WebSocket ping for this long is dead. */
  readonly wsDeadMs: number;
  /** Least time between two Transitions that only carry commits of others. */
  readonly minTransitionGapMs: number;
  /** While more bytes than this wait in a socket, its queries are not computed. */
  readonly maxBufferedBytes: number;
  /** Answers to calls that a client has not read; of more it is cut off. */
  readonly maxUnreadBytes: number;
  /** Larger Transitions are sent in chunks. */
  readonly chunkBytes: number;
  /** permessage-deflate: worth its CPU on lines to other machines only. */
  readonly deflate: boolean | "remote";
  /** Keeps error texts of functions (all but ConvexError data) from clients. */
  readonly redactErrors: boolean;
  /** Largest message or HTTP body. */
  readonly maxPayloadBytes: number;
  /** Largest arguments of one call; smaller than the payload, so that too large a call is answered, not cut off. */
  readonly maxArgsBytes: number;
  readonly maxSubscriptions: number;
  readonly maxConnections: number;
  /** Mutations and actions of one connection that are not answered yet. */
  readonly maxPendingCalls: number;
  /** Whether a browser page of this origin may connect. Programs send no origin and are always let in. */
  readonly allowOrigin: (origin: string) => boolean;
  /** Called for faults of the lab itself, never for what a function threw. */
  readonly onError: (error: unknown) => void;
}

const mebibyte = 2 ** 20;

export const defaultSyncOptions: SyncOptions = {
  mountPath: "",
  pingMs: 15_000,
  wsPingMs: 5_000,
  wsDeadMs: 120_000,
  minTransitionGapMs: 0,
  maxBufferedBytes: mebibyte,
  maxUnreadBytes: 32 * mebibyte,
  chunkBytes: 5_000_000,
  deflate: "remote",
  redactErrors: false,
  maxPayloadBytes: 20 * mebibyte,
  maxArgsBytes: 16 * mebibyte,
  maxSubscriptions: 500,
  maxConnections: 2000,
  maxPendingCalls: 1000,
  allowOrigin: isLoopbackOrigin,
  onError: () => undefined,
};

/** Pages served from this machine. Anything else would let any page in a browser talk to the lab. */
export function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
