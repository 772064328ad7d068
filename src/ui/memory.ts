/** What was typed into the form of a new experiment and not sent yet. Plain values: it can be saved and restored. */
export interface UnsentExperiment {
  readonly template: string | null;
  readonly title: string;
  readonly computeMode: string;
  readonly priority: string;
  readonly config: string;
  readonly estimate: string;
  /** Fields the person has changed; the others follow the template. */
  readonly edited: readonly string[];
  readonly projectId: string | null;
  /** Absent: `default`, and queued. */
  readonly queue?: string;
  readonly start?: string;
}

/** The same of the form of a new pod. It may hold secrets: it is never written anywhere. */
export interface UnsentPod {
  readonly filter: string;
  readonly choice: string | null;
  readonly count: number;
  readonly region: string | null;
  readonly then: "terminate" | "stop";
  readonly texts: Readonly<Record<string, string>>;
}

export interface Remembered {
  readonly unsent: UnsentExperiment | null;
  readonly unsentPod: UnsentPod | null;
  /** Ids of what was chosen in the palette, newest first. */
  readonly recent: readonly string[];
  /** Lines kept with Enter in a prompt, newest first, one list a purpose. */
  readonly typed: Readonly<Record<string, readonly string[]>>;
}

/**
 * What overlays remember from one opening to the next. It is no state of the app: nothing on the screen depends on it until
 * an overlay is opened again.
 */
export interface UiMemory {
  read(): Remembered;
  keep(change: Partial<Remembered>): void;
}

const keptLines = 50;

/** `onKeep` may save it; `first` is what was saved. */
export function createUiMemory(
  first: Remembered = { unsent: null, unsentPod: null, recent: [], typed: {} },
  onKeep: (all: Remembered) => void = () => undefined,
): UiMemory {
  let all = first;
  return {
    read: () => all,
    keep(change) {
      all = { ...all, ...change };
      onKeep(all);
    },
  };
}

/** `value` in front, once; the list stays short. */
export function newestFirst(list: readonly string[], value: string): readonly string[] {
  return [value, ...list.filter((other) => other !== value)].slice(0, keptLines);
}
