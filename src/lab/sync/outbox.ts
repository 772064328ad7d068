import type { WebSocket } from "ws";
import { ping } from "./protocol.js";

interface OutboxLimits {
  /** A Ping goes out after this long without another message. */
  readonly pingMs: number;
  /** Answers that the client has not read. */
  readonly maxUnreadBytes: number;
}

/**
 * What a client is sent. Transitions wait by themselves while its socket is full; answers to calls can't, so they are counted, and whoever
 * goes on asking without ever reading is cut off.
 */
export class Outbox {
  private unreadBytes = 0;
  private readonly pingTimer: NodeJS.Timeout;
  private readonly socket: WebSocket;
  private readonly limits: OutboxLimits;
  private readonly onFull: () => void;

  constructor(socket: WebSocket, limits: OutboxLimits, onFull: () => void) {
    this.socket = socket;
    this.limits = limits;
    this.onFull = onFull;
    this.pingTimer = setTimeout(() => this.answer(ping), limits.pingMs).unref();
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(message: string): void {
    if (this.isOpen()) this.socket.send(message);
  }

  answer(message: string): void {
    if (!this.isOpen()) return;
    const bytes = Buffer.byteLength(message);
    this.unreadBytes += bytes;
    this.socket.send(message, () => (this.unreadBytes -= bytes));
    if (this.unreadBytes > this.limits.maxUnreadBytes) this.onFull();
  }

  close(): void {
    clearTimeout(this.pingTimer);
  }

  private isOpen(): boolean {
    if (this.socket.readyState !== this.socket.OPEN) return false;
    this.pingTimer.refresh();
    return true;
  }
}
