import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const zero = "AAAAAAAAAAA=";
const one = "AQAAAAAAAAA=";

/** What a broken server answers to the first query set of a client. */
export const faults = {
  fatalError: { type: "FatalError", error: "you speak another protocol" },
  startVersion: transition({ ts: one }, { ok: true }),
  fieldName: transition({}, { "\u00e9": 1 }),
  none: transition({}, "good"),
} as const;
export type Fault = keyof typeof faults;

function transition(start: { ts?: string }, value: unknown) {
  return {
    type: "Transition",
    startVersion: { querySet: 0, identity: 0, ts: zero, ...start },
    endVersion: { querySet: 1, identity: 0, ts: one },
    modifications: [{ type: "QueryUpdated", queryId: 0, value, logLines: [], journal: null }],
  };
}

/** Answers the n-th connection with the n-th fault, and any further one with the last. */
export async function faultyServer(sequence: readonly Fault[]) {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  let connections = 0;
  sockets.on("connection", (socket: WebSocket) => {
    const fault = sequence[Math.min(connections++, sequence.length - 1)] ?? "none";
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; baseVersion?: number };
      if (message.type === "ModifyQuerySet" && message.baseVersion === 0) socket.send(JSON.stringify(faults[fault]));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    connections: () => connections,
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      http.close();
    },
  };
}
