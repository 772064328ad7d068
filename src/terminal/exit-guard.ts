/** The parts of `process` that the terminal needs; tests bring their own. */
export interface Host {
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  exit(status: number): void;
  kill(pid: number, signal: string): unknown;
}

/** Node types each signal on its own; here they are names. */
export const processHost = process as unknown as Host;

/** What happens on the way out. */
export interface ExitSteps {
  /** Gives the terminal back; may run more than once. */
  leave(): void;
  /** True while a child process has the terminal: Ctrl-C is meant for it. */
  isLent(): boolean;
  /** Prints a crash, after leaving. */
  printCrash(error: unknown): void;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Gives the terminal back on every exit there is: `exit`, SIGINT, SIGTERM and SIGHUP (status 128 + n), and uncaught
 * errors (leave first, then print, status 1). Returns the way to stop guarding.
 */
export function guardExits(host: Host, { leave, isLent, printCrash }: ExitSteps): () => void {
  const crash = (error: unknown) => {
    leave();
    printCrash(error);
    host.exit(1);
  };
  const hooks: [string, (...args: never[]) => void][] = [
    ["exit", () => leave()],
    ["uncaughtException", crash],
    ["unhandledRejection", crash],
    ...Object.entries(signals).map(([signal, status]): [string, () => void] => [
      signal,
      () => {
        if (signal === "SIGINT" && isLent()) return;
        leave();
        host.exit(status);
      },
    ]),
  ];
  for (const [event, hook] of hooks) host.on(event, hook);
  return () => {
    for (const [event, hook] of hooks) host.off(event, hook);
  };
}

/** An error as a crash report: its stack, and the causes. */
export function crashText(error: unknown): string {
  if (!(error instanceof Error)) return `${String(error)}\n`;
  const cause = error.cause === undefined ? "" : `caused by ${crashText(error.cause)}`;
  return `${error.stack ?? `${error.name}: ${error.message}`}\n${cause}`;
}
