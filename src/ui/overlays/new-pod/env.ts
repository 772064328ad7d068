const pair = /^([A-Za-z_][A-Za-z0-9_]*)=(?:"([^"]*)"|'([^']*)'|([^\s"']*))(?:\s+|$)/;

/** `KEY=value OTHER="two words"` as variables; else what is wrong with it. */
export function parseEnv(text: string): Readonly<Record<string, string>> | string {
  const env: Record<string, string> = {};
  for (let rest = text.trim(); rest !== ""; ) {
    const found = pair.exec(rest);
    if (found === null) return `not KEY=value: ${rest.slice(0, 12)}`;
    const [whole, name = "", double, single, plain = ""] = found;
    env[name] = double ?? single ?? plain;
    rest = rest.slice(whole.length);
  }
  return env;
}
