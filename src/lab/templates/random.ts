/** Seeded random numbers: the same seed gives the same run on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Where it stands: `restoreRandom` goes on from there. */
  state(): RandomState;
}

/** Of sfc32, and the second normal number of a pair that was made already. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

/** sfc32 (Chris Doty-Humphrey's "small fast chaotic", public domain) for `uniform`, polar Box–Muller for `normal`. */
export function createRandom(seed: number, stream = 0): Random {
  const random = restoreRandom({ words: [seed | 0, (seed / 2 ** 32) | 0, stream | 0, 1], spare: null });
  for (let warmUp = 0; warmUp < 16; warmUp++) random.uniform();
  return random;
}

export function restoreRandom(from: RandomState): Random {
  let [a, b, c, counter] = from.words;
  let { spare } = from;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  const normal = (): number => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    for (;;) {
      const [u, v] = [2 * next() - 1, 2 * next() - 1];
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * scale;
      return u * scale;
    }
  };
  return { uniform: next, normal, state: () => ({ words: [a, b, c, counter], spare }) };
}
