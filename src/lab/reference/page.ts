import { type Html, html, prose, raw } from "./html.js";
import type { JsonSchema } from "./json-schema.js";
import type { OpenApiDocument, Operation, Parameter } from "./openapi.js";
import { script, style } from "./page-assets.js";
import { type FieldRow, fieldRows, typeOf } from "./schema-rows.js";

/** What the page loads from elsewhere: nothing. Style and script are in it, under the nonce of the answer's policy. */
export const contentSecurityPolicy = (nonce: string): string =>
  `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The reference of the lab's API as one page of HTML that works without a network, without scripts too. */
export function referencePage(document: OpenApiDocument, nonce: string): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method,
      operation,
      sent: sentBy(operation, document),
    })),
  );
  const groups = document.tags.map(({ name }) => ({
    name,
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title}: API reference</title>
<style nonce="${nonce}">${raw(style)}</style>
</head>
<body>
<nav aria-label="Contents">
<h1><a href="#top">hubify-tui <span>lab API ${document.info.version}</span></a></h1>
<input type="search" id="find" placeholder="Find a route or function" aria-label="Find a route or function" autocomplete="off" hidden>
${groups.map(({ name, operations }) => contents(name, operations))}
<section><h2><a href="#schemas">schemas</a></h2></section>
</nav>
<main id="top">
${document.info.description.split("\n\n").map((text) => html`<p class="intro">${prose(text)}</p>`)}
<p class="intro">The same as a document for machines: <a href="/v1/openapi.json">/v1/openapi.json</a> (OpenAPI 3.1).</p>
<p id="none" hidden>Nothing has that name.</p>
${groups.map(({ name, operations }) => html`<section class="group"><h2>${name}</h2>${operations.map(operationSection)}</section>`)}
<section class="group" id="schemas"><h2>schemas</h2>
${Object.entries(document.components.schemas).map(([name, schema]) => schemaSection(name, schema))}
</section>
</main>
<script nonce="${nonce}">${raw(script)}</script>
</body>
</html>
`;
  return page.html;
}

interface Placed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  /** What its body is, field by field. */
  readonly sent: JsonSchema | null;
}

/** A body that has a name is shown where it is sent as well: whoever writes a request looks nowhere else. */
function sentBy({ requestBody }: Operation, { components }: OpenApiDocument): JsonSchema | null {
  const [content] = Object.values(requestBody?.content ?? {});
  const name = content?.schema.$ref?.split("/").at(-1);
  return (name === undefined ? content?.schema : components.schemas[name]) ?? null;
}

function contents(name: string, operations: readonly Placed[]): Html {
  return html`<section><h2>${name}</h2><ul>${operations.map(
    ({ path, method, operation }) =>
      html`<li data-words="${words({ path, method, operation })}"><a href="#${operation.operationId}"><b class="${method}">${method}</b> ${shortPath(path)}</a></li>`,
  )}</ul></section>`;
}

/** What tells one path from the next stays in sight in a narrow list. */
const shortPath = (path: string) => path.replace(/^\/v1/, "").replaceAll(/\{\w+\}/g, "{…}");
const words = ({ path, method, operation }: Omit<Placed, "sent">) =>
  `${method} ${path} ${operation.summary} ${operation["x-convex-function"]?.path ?? ""}`.toLowerCase();

function operationSection(placed: Placed): Html {
  const { path, method, operation, sent } = placed;
  const { parameters, requestBody } = operation;
  const call = operation["x-convex-function"];
  const needs = operation["x-needs"];
  const isForm = requestBody?.content["multipart/form-data"] !== undefined;
  return html`<article id="${operation.operationId}" data-words="${words(placed)}">
<h3><b class="${method}">${method}</b> <code>${path}</code> <a class="here" href="#${operation.operationId}" aria-label="Link to this route">#</a></h3>
<p>${prose(operation.summary)}.</p>
<p class="facts">${needs === undefined ? html`<span>no token needed</span>` : html`<span>scope <code>${needs}</code></span>`}${
    call === undefined ? null : html`<span>Convex ${call.kind} <code>${call.path}</code></span>`
  }</p>
${parameters === undefined ? null : parameterTable(parameters)}
${sent === null ? null : html`<h4>${isForm ? "Form" : "Body"}</h4>${fieldTable(sent)}`}
${answerTable(operation)}
<h4>Example</h4><pre><code>${curlLine(placed)}</code></pre>
</article>`;
}

function parameterTable(parameters: readonly Parameter[]): Html {
  const rows = parameters.map(({ name, in: where, required, schema, description }) =>
    tableRow({
      path: where === "path" ? `{${name}}` : `?${name}`,
      ...typeOf(schema),
      required,
      byDefault: schema.default === undefined ? null : JSON.stringify(schema.default),
      description: description ?? schema.description ?? null,
    }),
  );
  return html`<h4>Parameters</h4><table><tbody>${rows}</tbody></table>`;
}

function answerTable({ responses }: Operation): Html | null {
  const [status, answer] = Object.entries(responses)[0] ?? [];
  const schema = (answer as { content?: Record<string, { schema: JsonSchema }> } | undefined)?.content?.[
    "application/json"
  ]?.schema;
  const data = schema?.properties?.["data"] ?? schema;
  if (status === undefined || data === undefined) return null;
  return html`<h4>Answer ${status}</h4>${fieldTable(data)}`;
}

function fieldTable(schema: JsonSchema): Html {
  const of = schema.items ?? schema;
  const rows = fieldRows(of);
  if (rows.length === 0) {
    const { type, link } = typeOf(schema);
    return html`<p>${link === null ? html`<code>${type}</code>` : html`<a href="#schema-${link}">${type}</a>`}</p>`;
  }
  return html`${schema.items === undefined ? null : html`<p>A list of:</p>`}<table><tbody>${rows.map(tableRow)}</tbody></table>`;
}

function tableRow({ path, type, link, required, byDefault, description }: FieldRow): Html {
  const shown = link === null ? html`<code>${type}</code>` : html`<a href="#schema-${link}"><code>${type}</code></a>`;
  return html`<tr><th scope="row"><code>${path}</code>${required ? html`<i title="required">*</i>` : null}</th><td>${shown}${
    byDefault === null ? null : html` <small>default <code>${byDefault}</code></small>`
  }</td><td>${description === null ? null : prose(description)}</td></tr>`;
}

function schemaSection(name: string, schema: JsonSchema): Html {
  return html`<article id="schema-${name}" data-words="${name.toLowerCase()}"><h3>${name}</h3>${
    schema.description === undefined ? null : html`<p>${prose(schema.description)}</p>`
  }${fieldTable(schema)}</article>`;
}

/** A line that can be copied; `$LAB_URL` and `$HUBIFY_TOKEN` are the reader's. */
function curlLine({ path, method, operation }: Placed): string {
  const value = (name: string) => operation.parameters?.find((parameter) => parameter.name === name)?.example;
  const filled = path.replaceAll(/\{(\w+)\}/g, (all, name: string) => String(value(name) ?? all));
  const query = (operation.parameters ?? []).flatMap(({ name, in: where, example }) =>
    where === "query" && example !== undefined ? [`${name}=${encodeURIComponent(String(example))}`] : [],
  );
  const url = `$LAB_URL${filled}${query.length === 0 ? "" : `?${query.join("&")}`}`;
  const lines = [`curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} "${url}"`];
  if (operation["x-needs"] !== undefined) lines.push(`  -H "Authorization: Bearer $HUBIFY_TOKEN"`);
  return [...lines, ...sentLines(operation)].join(" \\\n");
}

function sentLines({ requestBody }: Operation): readonly string[] {
  const body = requestBody?.content["application/json"]?.example;
  if (body !== undefined) return ['  -H "Content-Type: application/json"', `  -d '${JSON.stringify(body)}'`];
  const form = requestBody?.content["multipart/form-data"]?.example ?? {};
  return Object.entries(form).map(([name, value]) => `  -F '${name}=${name === "file" ? "@…" : String(value)}'`);
}
