import { type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

type Fetch = Parameters<typeof createAdaptorServer>[0]["fetch"];

type Limit = "headersTimeout" | "requestTimeout" | "keepAliveTimeout" | "connectionsCheckingInterval" | "maxHeaderSize";

/** How long a client may take, ms: for its headers, for its whole request (uploads too), and silent between two requests. */
const limits: Readonly<Record<Limit, number>> = {
  headersTimeout: 15_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
};

/** An HTTP server on which no client can hold a connection for ever by sending slowly, nor fill memory with headers. */
export function createServer(fetch: Fetch, given: Partial<typeof limits> = {}): Server {
  const server = createAdaptorServer({ fetch, serverOptions: { ...limits, ...given } }) as Server;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuse(socket, error.code));
  return server;
}

const refusals: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: `headers: larger than ${limits.maxHeaderSize} bytes` },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: "The request did not arrive in time." },
};

/** What is no request gets an answer of the documented form all the same, and the connection ends. */
function refuse(socket: Socket, code: string | undefined): void {
  if (!socket.writable || code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const { status, message } = refusals[code ?? ""] ?? { status: 400, message: "This is no HTTP request." };
  const body = JSON.stringify({ error: { code: "validation_error", message, status } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Content-Type: application/json",
    "Connection: close",
  ];
  socket.end(`${[...head, `Content-Length: ${Buffer.byteLength(body)}`].join("\r\n")}\r\n\r\n${body}`);
}
