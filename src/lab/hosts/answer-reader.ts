/** Takes lines and counted bytes out of a stream, one reader at a time. */
export interface AnswerReader {
  push(chunk: Buffer): void;
  /** Without its newline. */
  line(): Promise<string>;
  bytes(count: number): Promise<Buffer>;
  /** What is waited for and everything after it rejects with this. */
  fail(error: Error): void;
}

const newline = 0x0a;
/** No answer has longer lines, so this is something else's output. */
const longestLine = 1024 * 1024;

interface Wanted {
  /** Bytes that make the piece complete, or null while that is not known. */
  length(): number | null;
  resolve(piece: Buffer): void;
  reject(error: Error): void;
}

export function createAnswerReader(): AnswerReader {
  let chunks: Buffer[] = [];
  let size = 0;
  let searched = 0;
  let wanted: Wanted | null = null;
  let failure: Error | null = null;

  const whole = (): Buffer => {
    if (chunks.length !== 1) chunks = [Buffer.concat(chunks, size)];
    return chunks[0] as Buffer;
  };

  const settle = () => {
    if (wanted === null) return;
    const length = wanted.length();
    const { resolve, reject } = wanted;
    if (length !== null) {
      const all = whole();
      chunks = length < all.length ? [all.subarray(length)] : [];
      size -= length;
      searched = 0;
      wanted = null;
      resolve(all.subarray(0, length));
    } else if (failure !== null) {
      wanted = null;
      reject(failure);
    }
  };

  const want = (length: () => number | null) =>
    new Promise<Buffer>((resolve, reject) => {
      wanted = { length, resolve, reject };
      settle();
    });

  const lineLength = () => {
    if (size === searched) return null;
    const at = whole().indexOf(newline, searched);
    searched = size;
    return at === -1 ? null : at + 1;
  };

  return {
    push(chunk) {
      if (failure !== null) return;
      chunks.push(chunk);
      size += chunk.length;
      settle();
      if (wanted !== null && searched > longestLine) this.fail(new Error("its answer is no line"));
    },
    line: () => want(lineLength).then((piece) => piece.toString("utf8", 0, piece.length - 1)),
    bytes: (count) => (count === 0 ? Promise.resolve(Buffer.alloc(0)) : want(() => (size >= count ? count : null))),
    fail(error) {
      failure ??= error;
      settle();
    },
  };
}
