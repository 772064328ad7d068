import type { Example, Route } from "../../../src/lab/http/route.js";
import type { Asked, OpenLab } from "./lab-over-files.js";

/** A route's example as a request: what the path is, and what goes along. */
export function requestOf({ path, method }: Pick<Route, "path" | "method">, example: Example) {
  const { params = {}, query = {}, body, form } = example;
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const sent = form === undefined ? body : formOf(form);
  return { method: method.toUpperCase(), address: search === "" ? address : `${address}?${search}`, body: sent };
}

export function askRoute(lab: OpenLab, route: Route, example: Example, asked: Asked = {}) {
  const { method, address, body } = requestOf(route, example);
  return lab.ask(method, address, body === undefined ? asked : { body, ...asked });
}

function formOf(form: Readonly<Record<string, string>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(form)) {
    if (name === "file") data.append(name, new Blob([value]), "figure.svg");
    else data.append(name, value);
  }
  return data;
}
