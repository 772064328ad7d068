import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import { FailureError } from "../../core/failure.js";

export interface Address {
  readonly host: string;
  /** 0 takes the last one again if it is free, else any. */
  readonly port: number;
  /** Where the lab answered in its last life: who knows it from then finds it again. */
  readonly lastPort?: number | null;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Refuses an address that other machines reach: the token would cross the network in the clear. */
export function checkHost(host: string, insecure: boolean): void {
  if (insecure || isLoopback(host)) return;
  throw new FailureError({
    kind: "invalid",
    message: `--host ${host} can be reached by other machines, and the lab speaks plain HTTP`,
    hint: "use an SSH tunnel to 127.0.0.1, or add --insecure if the network is yours alone",
  });
}

/** Starts to listen and answers with the URL under which this machine reaches it. */
export async function listen(server: Server, { host, port, lastPort = null }: Address): Promise<string> {
  const isSameAgain = port === 0 && lastPort !== null && (await tryPort(server, host, lastPort)) === null;
  const error = isSameAgain ? null : await tryPort(server, host, port);
  if (error !== null) throw listenFailure(error, { host, port });
  const address = server.address();
  const actual = address === null || typeof address === "string" ? port : address.port;
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? "127.0.0.1" : isIPv6(host) ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}

/** Null when it listens. */
function tryPort(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(port, host, () => {
      server.off("error", resolve);
      resolve(null);
    });
  });
}

function listenFailure(error: NodeJS.ErrnoException, { host, port }: Address): FailureError {
  const other = "choose another --port, or 0 for a free one";
  const failures: Readonly<Record<string, { message: string; hint: string }>> = {
    EADDRINUSE: { message: `port ${port} of ${host} is taken`, hint: other },
    EACCES: { message: `port ${port} needs rights that this user does not have`, hint: other },
    EADDRNOTAVAIL: { message: `${host} is no address of this machine`, hint: "choose another --host" },
    ENOTFOUND: { message: `${host} is no known host`, hint: "choose another --host" },
  };
  const known = failures[error.code ?? ""] ?? {
    message: `can't listen on ${host}:${port}: ${error.message}`,
    hint: other,
  };
  return new FailureError({ kind: error.code === "EADDRINUSE" ? "conflict" : "local", ...known }, { cause: error });
}
