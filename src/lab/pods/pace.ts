/** What decides how often a provider is looked at. */
export interface Interest {
  /** A person has a screen open that shows pods. */
  readonly isWatched: boolean;
  /** A pod comes up, or somebody did something to one. */
  readonly isChanging: boolean;
  /** Pods that cost money: their idleness and their deadlines are to be seen. */
  readonly running: number;
}

export const watchedMs = 5000;
const runningMs = 15_000;
const restingMs = 60_000;

/** Pause between two looks. A day has 86,400 requests at RunPod: 5 s are a fifth of them. */
export function paceOf({ isWatched, isChanging, running }: Interest): number {
  if (isWatched || isChanging) return watchedMs;
  return running > 0 ? runningMs : restingMs;
}
