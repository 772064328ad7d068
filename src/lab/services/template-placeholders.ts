import type { TemplateParameter } from "../../contract/template.js";

type Json = Readonly<Record<string, unknown>>;

/** Fields of a config in which `{{name}}` stands for a parameter. */
const texts = ["script", "command", "cwd"] as const;
const lists = ["args", "files", "outputs", "inputs"] as const;

const placeholder = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;

/** In a command a parameter is an environment variable, so that nothing in its value is ever read as shell. */
export const variableOf = (name: string): string => `HUBIFY_PARAM_${name}`;

/**
 * A config with its parameters in the place of `{{name}}`. An item of a list that is nothing but the name of a list becomes its
 * items. Names that are no parameters, or have no value, stay as they are.
 */
export function renderConfig(config: Json, parameters: readonly TemplateParameter[]): Json {
  const values = valuesOf(config, parameters);
  if (values.size === 0) return config;
  const rendered: Record<string, unknown> = { ...config };
  for (const field of ["script", "cwd"] as const) {
    const text = config[field];
    if (typeof text === "string") rendered[field] = renderText(text, values);
  }
  for (const field of lists) {
    const list = config[field];
    if (Array.isArray(list)) rendered[field] = list.flatMap((item: unknown) => renderItem(item, values));
  }
  const env: Record<string, unknown> = {};
  for (const [name, value] of entriesOf(config["env"])) {
    env[name] = typeof value === "string" ? renderText(value, values) : value;
  }
  const { command } = config;
  if (typeof command === "string") {
    rendered["command"] = renderCommand(command, values);
    for (const name of namesIn(command)) if (values.has(name)) env[variableOf(name)] = textOf(values.get(name));
  }
  return Object.keys(env).length === 0 ? rendered : { ...rendered, env };
}

/** The same in a title. */
export function renderTitle(title: string, config: Json, parameters: readonly TemplateParameter[]): string {
  return renderText(title, valuesOf(config, parameters));
}

/** Where a config, or a title, names what is no parameter: `["config.args.1", "sede"]`. */
export function strangers(
  title: string,
  config: Json,
  parameters: readonly TemplateParameter[],
): (readonly [path: string, name: string])[] {
  const known = new Set(parameters.map(({ name }) => name));
  const fields: (readonly [string, unknown])[] = [
    ["title", title],
    ...texts.map((field) => [`config.${field}`, config[field]] as const),
    ...lists.flatMap((field) =>
      entriesOf(config[field]).map(([key, item]) => [`config.${field}.${key}`, item] as const),
    ),
    ...entriesOf(config["env"]).map(([key, value]) => [`config.env.${key}`, value] as const),
  ];
  return fields.flatMap(([path, text]) =>
    typeof text !== "string" ? [] : namesIn(text).flatMap((name) => (known.has(name) ? [] : [[path, name] as const])),
  );
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

const namesIn = (text: string): string[] => [...text.matchAll(placeholder)].map(([, name]) => name ?? "");

function valuesOf(config: Json, parameters: readonly TemplateParameter[]): ReadonlyMap<string, unknown> {
  const given = parameters.filter(({ name }) => config[name] !== undefined && config[name] !== null);
  return new Map(given.map(({ name }) => [name, config[name]]));
}

function renderText(text: string, values: ReadonlyMap<string, unknown>): string {
  return text.replace(placeholder, (whole, name: string) => (values.has(name) ? textOf(values.get(name)) : whole));
}

function renderItem(item: unknown, values: ReadonlyMap<string, unknown>): unknown {
  if (typeof item !== "string") return item;
  const [only] = namesIn(item);
  const value = only === undefined ? undefined : values.get(only);
  const isAlone = item.replace(placeholder, "") === "" && namesIn(item).length === 1;
  return isAlone && Array.isArray(value) ? value.map(String) : renderText(item, values);
}

/** A list is written with commas. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * The variable is one word wherever the placeholder stands: bare, in double or in single quotes. Only how it is written depends on
 * the quotes around it; what it holds never becomes part of the command.
 */
function renderCommand(command: string, values: ReadonlyMap<string, unknown>): string {
  let rendered = "";
  let from = 0;
  let quote: Quote = "";
  for (const match of command.matchAll(placeholder)) {
    const before = command.slice(from, match.index);
    quote = quoteAfter(before, quote);
    const [whole, name = ""] = match;
    rendered += before + (values.has(name) ? wordOf(name, quote) : whole);
    from = match.index + whole.length;
  }
  return rendered + command.slice(from);
}

type Quote = "" | "'" | '"';

function wordOf(name: string, quote: Quote): string {
  const variable = `\${${variableOf(name)}}`;
  if (quote === '"') return variable;
  return quote === "'" ? `'"${variable}"'` : `"${variable}"`;
}

/** Which quotes are open behind a piece of shell text. */
function quoteAfter(text: string, open: Quote): Quote {
  let quote = open;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "\\" && quote !== "'") at += 1;
    else if (quote === "" && (letter === "'" || letter === '"')) quote = letter;
    else if (letter === quote) quote = "";
  }
  return quote;
}
