import type { Rgb } from "./background.js";

/** One key press: the exact input, and its name for the keymap. */
export interface KeyEvent {
  readonly type: "key";
  readonly chunk: string;
  readonly name: string;
}

/** A whole bracketed paste, line ends as `\n`. */
export interface PasteEvent {
  readonly type: "paste";
  readonly text: string;
}

/** A mouse report; cells count from 0. */
export interface MouseEvent {
  readonly type: "mouse";
  readonly action: "press" | "release" | "drag" | "move" | "wheel-up" | "wheel-down";
  readonly button: "left" | "middle" | "right" | null;
  readonly x: number;
  readonly y: number;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

/** The terminal's answers and notices. */
export type ReplyEvent =
  | { readonly type: "status" }
  | { readonly type: "background"; readonly colour: Rgb }
  | { readonly type: "attributes"; readonly text: string }
  | { readonly type: "focus"; readonly isFocused: boolean };

export type InputEvent = KeyEvent | PasteEvent | MouseEvent | ReplyEvent;
