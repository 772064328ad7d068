import { markerSlot, reduceColour } from "./colour.js";
import type { ColourDepth } from "./colour-depth.js";
import { applySgr, defaultStyle, type Style, sgrTransition } from "./sgr.js";

/** Style numbers are 16 bits. */
const maxStyles = 0xffff;
const maxRemembered = 65_536;

/** Numbers for styles, already reduced to the colours the terminal has; 0 is the default. Bounded; see `overflowed`. */
export class StyleTable {
  /** Set when a style found no number and became the default; the owner clears the table and parses again. */
  overflowed = false;
  private readonly depth: ColourDepth;
  private styles: Style[] = [defaultStyle];
  private readonly ids = new Map<string, number>();
  /** Per style: the style that each parameter string leads to. */
  private applied: Map<string, number>[] = [];
  private appliedCount = 0;
  private readonly transitions = new Map<number, string>();

  constructor(depth: ColourDepth) {
    this.depth = depth;
    this.clear();
  }

  /** Number of the style after `CSI params m` in style `id`. */
  apply(id: number, params: string): number {
    const known = this.applied[id]?.get(params);
    if (known !== undefined) return known;
    const next = this.idOf(this.reduce(applySgr(this.styles[id] ?? defaultStyle, params)));
    this.remember(id, params, next);
    return next;
  }

  /** The shortest sequence from one style to the other. */
  transition(from: number, to: number): string {
    const pair = from * 0x1_0000 + to;
    const known = this.transitions.get(pair);
    if (known !== undefined) return known;
    const sequence = sgrTransition(this.styles[from] ?? defaultStyle, this.styles[to] ?? defaultStyle);
    if (this.transitions.size >= maxRemembered) this.transitions.clear();
    this.transitions.set(pair, sequence);
    return sequence;
  }

  /** Surface slot whose marker is this style's background; 0 for none. */
  slot(id: number): number {
    return id === 0 ? 0 : markerSlot((this.styles[id] ?? defaultStyle).background);
  }

  /** Forgets every number; all grids that hold some must be filled anew. */
  clear(): void {
    this.styles = [defaultStyle];
    this.ids.clear();
    this.ids.set(keyOf(defaultStyle), 0);
    this.applied = [];
    this.appliedCount = 0;
    this.transitions.clear();
    this.overflowed = false;
  }

  private remember(id: number, params: string, next: number): void {
    if (this.overflowed) return;
    if (this.appliedCount >= maxRemembered) {
      this.applied = [];
      this.appliedCount = 0;
    }
    const map = (this.applied[id] ??= new Map());
    map.set(params, next);
    this.appliedCount++;
  }

  private reduce(style: Style): Style {
    if (this.depth === "truecolor") return style;
    return {
      attributes: style.attributes,
      foreground: reduceColour(style.foreground, this.depth),
      background: reduceColour(style.background, this.depth),
      underlineColour: reduceColour(style.underlineColour, this.depth),
    };
  }

  private idOf(style: Style): number {
    const key = keyOf(style);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (this.styles.length >= maxStyles) {
      this.overflowed = true;
      return 0;
    }
    const id = this.styles.length;
    this.styles.push(style);
    this.ids.set(key, id);
    return id;
  }
}

function keyOf(style: Style): string {
  return `${style.attributes},${style.foreground},${style.background},${style.underlineColour}`;
}
