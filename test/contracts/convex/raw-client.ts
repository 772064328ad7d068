import { WebSocket } from "ws";
import { eventually, type Frame } from "./client-kit.js";

interface Version {
  readonly querySet: number;
  readonly identity: number;
  readonly ts: string;
}

/** A client that speaks the protocol by hand, so that it can also speak it wrongly. Holds what the real one would hold. */
export class RawClient {
  readonly frames: Frame[] = [];
  readonly results = new Map<number, unknown>();
  /** Every way in which the server broke the rules. */
  readonly violations: string[] = [];
  closed: { code: number; reason: string } | null = null;
  version: Version = { querySet: 0, identity: 0, ts: "AAAAAAAAAAA=" };
  querySet = 0;
  identity = 0;
  private readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => this.take(JSON.parse(data.toString()) as Frame));
    socket.on("close", (code, reason) => (this.closed = { code, reason: reason.toString() }));
    socket.on("error", () => undefined);
  }

  static async open(url: string, options: { path?: string; origin?: string } = {}): Promise<RawClient> {
    const { path = "/api/1.48.0/sync", origin } = options;
    const socket = new WebSocket(url.replace("http", "ws") + path, origin === undefined ? {} : { origin });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  connect(sessionId = "raw"): void {
    this.send({ type: "Connect", sessionId, connectionCount: 0, lastCloseReason: null, clientTs: Date.now() });
  }

  modify(modifications: readonly unknown[]): void {
    this.send({ type: "ModifyQuerySet", baseVersion: this.querySet, newVersion: ++this.querySet, modifications });
  }

  authenticate(value: string | null): void {
    const token = value === null ? { tokenType: "None" } : { tokenType: "User", value };
    this.send({ type: "Authenticate", baseVersion: this.identity++, ...token });
  }

  mutate(requestId: number, udfPath: string, args: unknown): void {
    this.send({ type: "Mutation", requestId, udfPath, args: [args] });
  }

  responses(): Frame[] {
    return this.frames.filter(({ type }) => type === "MutationResponse");
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await eventually(() => {
      if (this.closed === null) throw new Error("still open");
    });
  }

  private take(frame: Frame): void {
    this.frames.push(frame);
    if (frame.type !== "Transition") return;
    const [start, end] = [frame["startVersion"], frame["endVersion"]] as [Version, Version];
    if (JSON.stringify(order(start)) !== JSON.stringify(order(this.version))) {
      this.violations.push(`starts at ${JSON.stringify(start)}, the client is at ${JSON.stringify(this.version)}`);
    }
    if (tsOf(end) < tsOf(start)) this.violations.push("ts went back");
    for (const { type, queryId, value } of frame.modifications ?? []) {
      if (type === "QueryRemoved") this.results.delete(queryId);
      else this.results.set(queryId, value);
    }
    this.version = end;
  }
}

const order = ({ querySet, identity, ts }: Version) => [querySet, identity, ts];
const tsOf = ({ ts }: Version) => Buffer.from(ts, "base64").readBigUInt64LE();

export const add = (queryId: number, udfPath: string, args: unknown = {}) => ({
  type: "Add",
  queryId,
  udfPath,
  args: [args],
});

export const remove = (queryId: number) => ({ type: "Remove", queryId });
