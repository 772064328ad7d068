/** One thing that will happen, under its name: `Saved` `$4.00 an hour`. */
export interface Detail {
  readonly name: string;
  readonly text: string;
}

/** One answer of a choice. */
export interface Option {
  readonly id: string;
  readonly label: string;
  /** Beside the label: state, price, why it suits. */
  readonly about: string;
  /** Why it can't be chosen; null when it can. It stays in the list and says so. */
  readonly refusal: string | null;
}

/** A line that is asked for. */
export interface Writes {
  /** What the line is: `Why`, `Name`. */
  readonly label: string;
  readonly placeholder: string;
  readonly initial: string;
}

/** What is asked before a command runs. */
export interface Question {
  readonly question: string;
  /** What will happen, in full sentences. */
  readonly effect: string;
  /** Each effect under its name, money included; below the sentences. */
  readonly details?: readonly Detail[];
  /** A word to be typed exactly; without it `y` is enough. */
  readonly typed?: string;
  /** A line to be written; it is the answer. */
  readonly writes?: Writes;
  /** One of these is to be chosen instead of `y`. */
  readonly options?: readonly Option[];
}
