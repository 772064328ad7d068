/** A line as ssh has it: what the program writes fills a buffer first and leaves it at the line's rate. */
export interface SlowLine {
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
  /** sshd's and TCP's buffers: so much is taken before the program has to wait. */
  readonly bufferBytes: number;
}

export interface LineEnds {
  /** Bytes that have arrived at the person's terminal. */
  arrived(bytes: Buffer): void;
  /** The program has to stop writing, or may go on. */
  hold(isFull: boolean): void;
}

/** The granularity of the model. */
const pieceMs = 5;

/** Models the way from the program to the terminal; the way back only takes half the round trip. */
export function createSlowLine(line: SlowLine, ends: LineEnds) {
  const pieceBytes = Math.max(1, Math.round((line.bytesPerSecond * pieceMs) / 1000));
  const halfMs = line.roundTripMs / 2;
  let freeAt = 0;
  let isFull = false;
  const waitingBytes = () => (Math.max(0, freeAt - performance.now()) * line.bytesPerSecond) / 1000;
  const look = () => {
    const full = waitingBytes() > line.bufferBytes;
    if (full === isFull) return;
    isFull = full;
    ends.hold(full);
  };
  return {
    send(bytes: Buffer): void {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const piece = bytes.subarray(at, at + pieceBytes);
        freeAt = Math.max(freeAt, performance.now()) + (piece.length / line.bytesPerSecond) * 1000;
        setTimeout(
          () => {
            look();
            ends.arrived(piece);
          },
          freeAt + halfMs - performance.now(),
        );
      }
      look();
    },
    /** What the person types. */
    back(write: () => void): void {
      setTimeout(write, halfMs);
    },
  };
}
