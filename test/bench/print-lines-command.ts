const program = new URL("print-lines.ts", import.meta.url).pathname;

export interface PrintedLines {
  readonly lines: number;
  /** Absent: as fast as can be. */
  readonly linesPerSecond?: number;
  /** Bytes of a line with its line feed. */
  readonly bytes?: number;
}

/** The shell command of an experiment that prints lines. */
export function linesCommand({ lines, linesPerSecond = 0, bytes = 97 }: PrintedLines): string {
  return `'${process.execPath}' '${program}' ${linesPerSecond} ${lines} ${bytes}`;
}
