import { json } from "node:stream/consumers";
import { Pool } from "undici";

// Asks for pages of 20 over keep-alive connections, each connection one request after the other. Half of the requests are for
// the newest page, half go on after an experiment anywhere in the list.

interface Job {
  readonly url: string;
  readonly token: string;
  readonly cursors: readonly string[];
  readonly connections: number;
  readonly durationMs: number;
  readonly warmUpMs: number;
}

const { url, token, cursors, connections, durationMs, warmUpMs } = (await json(process.stdin)) as Job;
const pool = new Pool(url, { connections, pipelining: 1 });
const headers = { authorization: `Bearer ${token}` };
const times: number[] = [];
const startAt = performance.now() + warmUpMs;
const endAt = startAt + durationMs;
const failed = { count: 0 };

async function ask(): Promise<void> {
  while (performance.now() < endAt) {
    const cursor = Math.random() < 0.5 ? undefined : cursors[Math.floor(Math.random() * cursors.length)];
    const path = `/v1/experiments?labId=local&limit=20${cursor === undefined ? "" : `&cursor=${cursor}`}`;
    const sentAt = performance.now();
    const { statusCode, body } = await pool.request({ method: "GET", path, headers });
    await body.arrayBuffer();
    if (statusCode !== 200) failed.count++;
    if (sentAt >= startAt) times.push(performance.now() - sentAt);
  }
}

await Promise.all(Array.from({ length: connections }, ask));
await pool.close();
process.stdout.write(JSON.stringify({ times, failures: failed.count, seconds: (performance.now() - startAt) / 1000 }));
