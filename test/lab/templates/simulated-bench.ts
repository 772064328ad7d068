import type { Bench } from "../../../src/lab/templates/program.js";

/** A bench whose clock runs as fast as the program: minutes of a paced run in a moment, to the same output. */
export interface SimulatedBench extends Bench {
  readonly lines: readonly { readonly at: number; readonly text: string }[];
  readonly files: ReadonlyMap<string, string>;
}

interface Options {
  readonly stopAtMs?: number;
  /** What lies in its directory already. */
  readonly files?: ReadonlyMap<string, string>;
  readonly env?: Readonly<Record<string, string>>;
}

export function simulatedBench(options: Options = {}): SimulatedBench {
  const lines: { at: number; text: string }[] = [];
  const files = new Map(options.files);
  let now = 0;
  let open = "";
  return {
    lines,
    files,
    print(line) {
      lines.push({ at: now, text: open + line });
      open = "";
    },
    write: (text) => void (open += text),
    saveFile: (name, text) => void files.set(name, text),
    appendFile: (name, text) => void files.set(name, (files.get(name) ?? "") + text),
    readFile(name) {
      const text = files.get(name);
      if (text === undefined) throw new Error(`there is no ${name}`);
      return text;
    },
    env: (name) => options.env?.[name],
    now: () => now,
    async sleep(ms) {
      now += ms;
    },
    isStopping: () => now >= (options.stopAtMs ?? Infinity),
  };
}
