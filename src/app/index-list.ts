/**
 * Ascending numbers that grow at both ends and shrink at the low one. What `view` has answered stays as it was: only cells
 * outside of it are written later.
 */
export class IndexList {
  private cells = new Uint32Array(64);
  private from = 32;
  private to = 32;

  get length(): number {
    return this.to - this.from;
  }

  view(): Uint32Array {
    return this.cells.subarray(this.from, this.to);
  }

  push(values: Uint32Array): void {
    if (this.to + values.length > this.cells.length) this.makeRoom(0, values.length);
    this.cells.set(values, this.to);
    this.to += values.length;
  }

  unshift(values: Uint32Array): void {
    if (values.length > this.from) this.makeRoom(values.length, 0);
    this.from -= values.length;
    this.cells.set(values, this.from);
  }

  dropBelow(value: number): void {
    while (this.from < this.to && (this.cells[this.from] ?? 0) < value) this.from++;
  }

  /** Doubles, with the spare room at the end that asked for it. */
  private makeRoom(before: number, after: number): void {
    const held = this.cells.subarray(this.from, this.to);
    const spare = Math.max(64, held.length);
    const front = before > 0 ? before + spare : Math.min(this.from, spare);
    const back = after > 0 ? after + spare : Math.min(this.cells.length - this.to, spare);
    this.cells = new Uint32Array(front + held.length + back);
    this.cells.set(held, front);
    this.from = front;
    this.to = front + held.length;
  }
}
