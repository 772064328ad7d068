import type { WebSocket } from "ws";

interface Reader {
  /** One frame of text; the next one is not given before this is done. */
  receive(text: string): void | Promise<void>;
  onBinary(): void;
  onError(error: unknown): void;
}

/**
 * What a client sends, handled strictly in order. While more than `maxBytes` wait, nothing more is read from the socket: a client that
 * sends faster than it is served fills its own buffers.
 */
export class Inbox {
  lastSeenAt = Date.now();
  private last: Promise<void> = Promise.resolve();
  private waitingBytes = 0;
  private readonly socket: WebSocket;
  private readonly maxBytes: number;
  private readonly reader: Reader;

  constructor(socket: WebSocket, maxBytes: number, reader: Reader) {
    this.socket = socket;
    this.maxBytes = maxBytes;
    this.reader = reader;
    socket.on("message", (data: Buffer, isBinary) => {
      this.lastSeenAt = Date.now();
      this.take(data, isBinary);
    });
    socket.on("pong", () => (this.lastSeenAt = Date.now()));
  }

  /** Does this after what the client has said so far. */
  after(work: () => void | Promise<void>): void {
    this.last = this.last.then(work).catch((error: unknown) => this.reader.onError(error));
  }

  private take(data: Buffer, isBinary: boolean): void {
    this.waitingBytes += data.byteLength;
    if (this.waitingBytes > this.maxBytes) this.socket.pause();
    this.after(async () => {
      try {
        if (isBinary) this.reader.onBinary();
        else await this.reader.receive(data.toString());
      } finally {
        this.waitingBytes -= data.byteLength;
        if (this.socket.isPaused && this.waitingBytes <= this.maxBytes) this.socket.resume();
      }
    });
  }
}
