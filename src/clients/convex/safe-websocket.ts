/** What a link is told by its sockets; all optional but the crash. */
export interface SocketEvents {
  /** The client threw while it handled a message (a broken server, a bug): reported here instead of ending the process. */
  onCrash(error: unknown): void;
  onMessage?(): void;
  /** The server's reason for closing; empty when the wire was cut, or never was: Node's WebSocket does not tell why. */
  onClose?(reason: string): void;
}

/**
 * A WebSocket class for the Convex client. Its own throws out of its message handler, which on Node is an uncaught exception and the
 * end of the process; here it is reported and the socket closed, and the client reconnects by itself.
 */
export function safeWebSocket(events: SocketEvents, Base: typeof WebSocket = WebSocket): typeof WebSocket {
  return class SafeWebSocket extends Base {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      let handler: ((event: MessageEvent) => unknown) | null = null;
      Object.defineProperty(this, "onmessage", {
        get: () => handler,
        set: (given: typeof handler) => (handler = given),
      });
      this.addEventListener("message", (event) => {
        events.onMessage?.();
        try {
          handler?.call(this, event);
        } catch (thrown) {
          events.onCrash(thrown);
          this.close();
        }
      });
      this.addEventListener("close", ({ reason }) => events.onClose?.(reason));
    }
  };
}
