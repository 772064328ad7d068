/** Bits of the dots of a braille glyph, by row and column: two columns of four. */
const bits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** A drawing area of `columns` × `rows` glyphs with 2 × 4 dots each; y grows downwards. */
export interface BrailleCanvas {
  /** Dots outside are ignored. */
  dot(x: number, y: number): void;
  line(fromX: number, fromY: number, toX: number, toY: number): void;
  rows(): string[];
}

export function brailleCanvas(columns: number, rows: number): BrailleCanvas {
  const cells = new Uint8Array(columns * rows);
  const dot = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= columns * 2 || y >= rows * 4) return;
    const cell = (y >> 2) * columns + (x >> 1);
    cells[cell] = (cells[cell] ?? 0) | (bits[y & 3]?.[x & 1] ?? 0);
  };
  return {
    dot,
    line(fromX, fromY, toX, toY) {
      const steps = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1);
      for (let step = 0; step <= steps; step++) {
        dot(Math.round(fromX + ((toX - fromX) * step) / steps), Math.round(fromY + ((toY - fromY) * step) / steps));
      }
    },
    rows() {
      const glyph = (value: number) => (value === 0 ? " " : String.fromCharCode(0x2800 + value));
      return Array.from({ length: rows }, (_, index) =>
        Array.from(cells.subarray(index * columns, (index + 1) * columns), glyph).join(""),
      );
    },
  };
}
