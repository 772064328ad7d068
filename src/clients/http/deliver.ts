import { type LookupAddress, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, request } from "undici";

export interface Delivery {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** Whether an address may be spoken to; asked for what the name resolves to at this very connection. */
  readonly mayReach: (address: string) => boolean;
}

export interface Delivered {
  readonly status: number;
  /** The first bytes of the answer, for whoever looks why it was refused. */
  readonly excerpt: string;
}

const excerptBytes = 1024;

/** The name resolves to no address that may be spoken to. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/**
 * Posts something once to somebody else's server. Redirects are not followed, and the address is the one that was checked: a name that
 * changes its address between check and connection gains nothing. Rejects with what went wrong, in words.
 */
export async function deliver({ url, headers, body, timeoutMs, mayReach }: Delivery): Promise<Delivered> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !mayReach(host)) throw new UnreachableError(`${host} is a private address`);
  const agent = new Agent({ connect: { lookup: checked(mayReach), timeout: timeoutMs }, pipelining: 0 });
  try {
    const response = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      dispatcher: agent,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.statusCode, excerpt: await firstBytes(response.body) };
  } finally {
    await agent.destroy();
  }
}

function checked(mayReach: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      const first = addresses.find(({ address }) => mayReach(address));
      if (first === undefined) callback(new UnreachableError(`${hostname} leads to a private address`), "", 0);
      else if (options.all === true) callback(null, [first]);
      else callback(null, first.address, first.family);
    });
  };
}

/** Reads no more than is shown: an endless answer is left where it is. */
async function firstBytes(body: AsyncIterable<Uint8Array>): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    kept.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= excerptBytes) break;
  }
  return Buffer.concat(kept).subarray(0, excerptBytes).toString("utf8");
}
