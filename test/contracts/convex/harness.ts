import type { SyncOptions } from "../../../src/lab/sync/options.js";
import type { SyncStats } from "../../../src/lab/sync/server.js";

/**
 * A lab the contract can be run against: it serves the functions of suite-functions.ts on loopback. `stop` is a kill: sockets are cut,
 * nobody is told. What was committed is there again after `restartOnSamePort`.
 */
export interface LabHarness {
  start(options?: Partial<SyncOptions>): Promise<void>;
  stop(): Promise<void>;
  restartOnSamePort(): Promise<void>;
  /** Stops for good and removes the data. */
  dispose(): Promise<void>;

  readonly url: string;
  readonly tokens: Tokens;
  /** Writes notes past the wire, one commit for each text; the lab may be stopped. */
  write(room: string, texts: readonly string[]): Promise<void>;
  /** From now on every committed mutation is answered by cutting all wires. */
  cutAfterCommit(): void;
  stats(): SyncStats;
  /** Bytes sent to clients since the start, as they went over the wire. */
  bytesSent(): number;
}

export interface Tokens {
  /** An opaque API key of this person. */
  key(subject: string): string;
  /** An opaque key that is good for this long after the lab has seen it. */
  shortKey(subject: string, lifeMs: number): string;
  jwt(subject: string, lifeSeconds: number): string;
  readonly bad: string;
}
