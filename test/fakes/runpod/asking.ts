import { type FakeRunPod, type FakeRunPodOptions, startFakeRunPod } from "./start-fake-runpod.js";

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

/** A fake at a time of ours, and plain requests to it. */
export async function startAsking(options: FakeRunPodOptions = {}) {
  const startMs = Date.parse("2026-11-01T10:00:00Z");
  const fake = await startFakeRunPod({ clock: { now: () => startMs }, ...options });
  const ask = async (method: string, path: string, body?: unknown, key = fake.key): Promise<Told> => {
    const response = await fetch(fake.url + path, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, json };
  };
  return { fake, ask, startMs, control: fake.control };
}
export type Asking = Awaited<ReturnType<typeof startAsking>>;

/** A log stream's frames as they come. */
export async function openLog(fake: FakeRunPod, path: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const response = await fetch(fake.url + path, {
    headers: { authorization: `Bearer ${fake.key}`, ...headers },
    signal: stop.signal,
  });
  let text = "";
  let ended: "open" | "broken" | "closed" = "open";
  const reading = (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
      ended = "closed";
    } catch {
      ended = "broken";
    }
  })();
  return {
    response,
    text: () => text,
    ended: () => ended,
    lines: () =>
      [...text.matchAll(/^data: (.*)$/gm)].map((match) => (JSON.parse(match[1] ?? "") as { line: string }).line),
    ids: () => [...text.matchAll(/^id: (.*)$/gm)].map((match) => match[1] ?? ""),
    close: async () => {
      stop.abort();
      await reading;
    },
  };
}
