import { json } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

// Viewers of one log over the Convex sync protocol, as rooms are: each subscribes to the log's end. What comes is counted and
// not read, so that this process takes no more of the machine than it must.

interface Job {
  readonly url: string;
  readonly token: string;
  readonly experimentId: string;
  readonly viewers: number;
  readonly durationMs: number;
}

const { url, token, experimentId, viewers, durationMs } = (await json(process.stdin)) as Job;
const counts = Array.from({ length: viewers }, () => ({ messages: 0, bytes: 0 }));

function watch(count: { messages: number; bytes: number }, index: number): WebSocket {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/sync`);
  const send = (message: object) => socket.send(JSON.stringify(message));
  socket.addEventListener("open", () => {
    send({ type: "Connect", sessionId: `viewer-${index}`, connectionCount: 0, lastCloseReason: null });
    send({ type: "Authenticate", baseVersion: 0, tokenType: "User", value: token });
    const args = [{ experimentId, limit: 100 }];
    const add = { type: "Add", queryId: 0, udfPath: "experimentLogs:list", args };
    send({ type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications: [add] });
  });
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") return;
    count.messages++;
    count.bytes += data.length;
    if (data.startsWith('{"type":"FatalError"') || data.startsWith('{"type":"AuthError"')) throw new Error(data);
  });
  return socket;
}

const sockets = counts.map(watch);
await wait(durationMs);
for (const socket of sockets) socket.close();
process.stdout.write(JSON.stringify(counts));
process.exit(0);
