import type { Unsubscribe } from "../contract/connection.js";
import type { Realtime } from "./realtime.js";

/** What a connection uses of its realtime link. */
export type Live = Pick<Realtime, "watch" | "query" | "watchLink" | "retryNow" | "close">;

/** A realtime link that is opened by its first use: a command that asks one question needs none, and need not load its client. */
export function lazyRealtime(open: () => Promise<Realtime>): Live {
  let opening: Promise<Realtime> | undefined;
  const live = () => (opening ??= open());
  const whenOpen = (start: (realtime: Realtime) => Unsubscribe): Unsubscribe => {
    let isOver = false;
    let stop: Unsubscribe = () => undefined;
    void live().then((realtime) => {
      if (!isOver) stop = start(realtime);
    });
    return () => {
      isOver = true;
      stop();
    };
  };
  return {
    watch: (request, sink) => whenOpen((realtime) => realtime.watch(request, sink)),
    watchLink: (next) => whenOpen((realtime) => realtime.watchLink(next)),
    query: async (request) => (await live()).query(request),
    retryNow: () => void live().then((realtime) => realtime.retryNow()),
    close: async () => (await opening)?.close(),
  };
}
