/** Pauses of a loop that can be cut short. A wake that comes between two pauses is not lost. */
export interface Pacer {
  /** Until `ms` are over or somebody wakes. Not at all at 0 (other work gets its turn); for ever at Infinity. */
  pause(ms: number): Promise<void>;
  wake(): void;
}

export function createPacer(): Pacer {
  let awake = false;
  let end: () => void = () => undefined;
  return {
    async pause(ms) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        end = resolve;
        if (awake || ms <= 0) setImmediate(resolve);
        else if (ms !== Infinity) timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      awake = false;
    },
    wake() {
      awake = true;
      end();
    },
  };
}
