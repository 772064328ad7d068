/** What terminals take at most; longer copies would be cut or refused without a word. */
export const maxCopyBytes = 74_994;

type Env = Readonly<Record<string, string | undefined>>;

/** GNU screen takes strings only up to a limit, so the sequence goes through in pieces. */
const screenPiece = 240;

/**
 * The sequence that puts `text` on the clipboard of the person's own terminal (OSC 52), also from within tmux and GNU
 * screen; null if the text is too long.
 */
export function copySequence(text: string, env: Env): string | null {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > maxCopyBytes) return null;
  const sequence = `\x1b]52;c;${bytes.toString("base64")}\x1b\\`;
  // tmux takes either, depending on its options (set-clipboard, allow-passthrough); twice the same copy does no harm.
  return (env["TMUX"] ?? "") === "" ? throughMultiplexer(sequence, env) : sequence + throughMultiplexer(sequence, env);
}

/** Wraps a sequence so that tmux and GNU screen pass it on to the outer terminal; unchanged outside of them. */
export function throughMultiplexer(sequence: string, env: Env): string {
  if ((env["TMUX"] ?? "") !== "") return `\x1bPtmux;${sequence.replaceAll("\x1b", "\x1b\x1b")}\x1b\\`;
  if ((env["STY"] ?? "") === "") return sequence;
  // A piece must not end in ESC, nor may the terminator's two bytes come apart within one: screen would end there.
  const pieces = sequence.replace(/\x1b\\$/, "\x07").match(new RegExp(`[^]{1,${screenPiece}}`, "g")) ?? [];
  return pieces.map((piece) => `\x1bP${piece}\x1b\\`).join("");
}
