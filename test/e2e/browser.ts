import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

const names = ["chromium", "chromium-browser", "google-chrome"];
const found = names.find((name) => spawnSync(name, ["--version"]).status === 0);

/** Why no browser can be had here; null: there is one. */
export const browserMissing = found === undefined ? "there is no Chromium on this machine" : null;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A page of a real browser, driven over its DevTools protocol. */
export interface BrowserPage {
  open(url: string): Promise<void>;
  /** Value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Types as a person would, key by key. */
  type(text: string): Promise<void>;
  /** URLs that the page asked for. */
  readonly requests: readonly string[];
  /** What it complained of: exceptions, refused by policy, not found. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function openBrowser(): Promise<BrowserPage> {
  if (found === undefined) throw new Error(browserMissing ?? "");
  const profile = mkdtempSync(join(tmpdir(), "hubify-browser-"));
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(found, [...flags, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const port = new URL(await devToolsUrl(child)).port;
  const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
    type: string;
  }[];
  const socket = new WebSocket(pages.find(({ type }) => type === "page")?.webSocketDebuggerUrl ?? "");
  await once(socket, "open");
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  const requests: string[] = [];
  const complaints: string[] = [];
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    note(message, requests, complaints);
    for (const listener of listeners) listener(message);
  });
  let last = 0;
  const send = async (method: string, params: object = {}): Promise<unknown> => {
    const id = ++last;
    const answered = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const seen = async (method: string) =>
    new Promise<void>((resolve) => {
      const listener = (message: Message) => {
        if (message.method !== method) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
    });
  for (const domain of ["Page", "Runtime", "Network", "Log"]) await send(`${domain}.enable`);

  return {
    requests,
    complaints,
    async open(url) {
      const loaded = seen("Page.loadEventFired");
      await send("Page.navigate", { url });
      await loaded;
    },
    async evaluate<T>(expression: string) {
      const { result } = (await send("Runtime.evaluate", { expression, returnByValue: true })) as {
        result: { value: T };
      };
      return result.value;
    },
    async type(text) {
      for (const key of text) {
        await send("Input.dispatchKeyEvent", { type: "keyDown", key, text: key });
        await send("Input.dispatchKeyEvent", { type: "keyUp", key });
      }
    },
    async close() {
      socket.close();
      child.kill("SIGKILL");
      await once(child, "exit");
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function devToolsUrl(child: ChildProcess): Promise<string> {
  let said = "";
  for await (const chunk of child.stderr ?? []) {
    said += String(chunk);
    const url = /DevTools listening on (\S+)/.exec(said)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the browser did not start: ${said}`);
}

function note({ method, params }: Message, requests: string[], complaints: string[]): void {
  if (method === "Network.requestWillBeSent") requests.push((params?.["request"] as { url: string }).url);
  if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") complaints.push(JSON.stringify(params));
}
