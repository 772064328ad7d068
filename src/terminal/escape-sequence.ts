/** What an escape sequence or control character in text amounts to: SGR parameters, or null for everything else. */
export interface EscapeSequence {
  readonly end: number;
  readonly sgr: string | null;
}

const esc = 0x1b;
const between = (unit: number, low: number, high: number) => unit >= low && unit <= high;

/** Reads the sequence that starts at `at` (ESC or a C1 control). Unfinished ones reach to the end of the text. */
export function readEscape(text: string, at: number): EscapeSequence {
  const first = text.charCodeAt(at);
  if (first !== esc) return readC1(text, at + 1, first);
  const second = text.charCodeAt(at + 1);
  if (between(second, 0x40, 0x5f)) return readC1(text, at + 2, second + 0x40);
  let end = at + 1;
  while (between(text.charCodeAt(end), 0x20, 0x2f)) end++;
  return { end: between(text.charCodeAt(end), 0x30, 0x7e) ? end + 1 : end, sgr: null };
}

function readC1(text: string, at: number, control: number): EscapeSequence {
  if (control === 0x9b) return readCsi(text, at);
  const isString = control === 0x90 || control === 0x98 || between(control, 0x9d, 0x9f);
  return { end: isString ? stringEnd(text, at, control === 0x9d) : at, sgr: null };
}

function readCsi(text: string, at: number): EscapeSequence {
  let end = at;
  while (between(text.charCodeAt(end), 0x30, 0x3f)) end++;
  const params = text.slice(at, end);
  while (between(text.charCodeAt(end), 0x20, 0x2f)) end++;
  const final = text.charCodeAt(end);
  if (!between(final, 0x40, 0x7e)) return { end, sgr: null };
  const isSgr = final === 0x6d && end === at + params.length && !/[<=>?]/.test(params);
  return { end: end + 1, sgr: isSgr ? params : null };
}

/** OSC, DCS, SOS, PM and APC run to their terminator; only OSC also ends at BEL. */
function stringEnd(text: string, at: number, isOsc: boolean): number {
  for (let end = at; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    if (unit === 0x9c || (isOsc && unit === 0x07)) return end + 1;
    if (unit === esc) return text.charCodeAt(end + 1) === 0x5c ? end + 2 : end;
  }
  return text.length;
}
