import type { KeyEvent, MouseEvent, PasteEvent } from "./input-event.js";

type UserEvent = KeyEvent | PasteEvent | MouseEvent;
type Listeners = { [E in UserEvent as E["type"]]: Set<(event: E) => void> };

/** Hands what the person does to listeners; keeps it, in order, while nobody listens for keys. */
export class InputQueue {
  private readonly listeners: Listeners = { key: new Set(), paste: new Set(), mouse: new Set() };
  private waiting: UserEvent[] = [];

  /** True once somebody takes keys. */
  get hasKeyListener(): boolean {
    return this.listeners.key.size > 0;
  }

  /** Adds a listener and returns the way to remove it. What waits is delivered at the end of the tick. */
  listen<T extends UserEvent["type"]>(type: T, listener: (event: Extract<UserEvent, { type: T }>) => void): () => void {
    const set = this.listeners[type] as Set<typeof listener>;
    set.add(listener);
    if (this.waiting.length > 0) queueMicrotask(() => this.deliver());
    return () => set.delete(listener);
  }

  /** Delivers one event, or keeps it. */
  push(event: UserEvent): void {
    this.waiting.push(event);
    this.deliver();
  }

  private deliver(): void {
    while (this.hasKeyListener) {
      const event = this.waiting.shift();
      if (event === undefined) return;
      if (event.type === "key") for (const listener of this.listeners.key) listener(event);
      else if (event.type === "paste") for (const listener of this.listeners.paste) listener(event);
      else for (const listener of this.listeners.mouse) listener(event);
    }
  }
}
