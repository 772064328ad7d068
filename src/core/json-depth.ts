const codes = { quote: 34, backslash: 92, bracket: 91, bracketEnd: 93, brace: 123, braceEnd: 125 };

/** Whether lists and objects of a JSON text stand in each other deeper than this: told before anything walks what it says. */
export function nestsDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text.charCodeAt(index);
    if (isText) {
      if (letter === codes.backslash) index++;
      else isText = letter !== codes.quote;
    } else if (letter === codes.quote) isText = true;
    else if (letter === codes.brace || letter === codes.bracket) depth++;
    else if (letter === codes.braceEnd || letter === codes.bracketEnd) depth--;
    if (depth > levels) return true;
  }
  return false;
}
