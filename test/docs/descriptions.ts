import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = new URL("../..", import.meta.url).pathname;

/**
 * What the source says in comments above the fields of its schemas: `Experiment.experimentId` of an exported schema of the contract,
 * `GET /v1/activity query.event` of a schema inside a route.
 */
export function readDescriptions(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const folder of ["src/contract", "src/lab/routes"]) {
    for (const name of readdirSync(join(root, folder)).filter((file) => file.endsWith(".ts"))) {
      const text = readFileSync(join(root, folder, name), "utf8");
      const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
      for (const statement of file.statements) describeStatement(statement, found);
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describeStatement(statement: ts.Statement, found: Record<string, string>): void {
  if (!ts.isVariableStatement(statement)) return;
  for (const { name, initializer } of statement.declarationList.declarations) {
    if (!ts.isIdentifier(name) || initializer === undefined) continue;
    const shape = shapeOf(initializer);
    if (shape !== undefined) {
      const own = commentOf(statement);
      if (own !== undefined && /^[A-Z]/.test(name.text)) found[name.text] = own;
      describeFields(shape, name.text, found);
    }
    if (ts.isCallExpression(initializer) && /^define(Route|Operation)$/.test(initializer.expression.getText())) {
      describeRoute(initializer, found);
    }
  }
}

function describeRoute(call: ts.CallExpression, found: Record<string, string>): void {
  const [definition] = call.arguments;
  if (definition === undefined || !ts.isObjectLiteralExpression(definition)) return;
  const field = (name: string) =>
    definition.properties.find((property) => property.name?.getText() === name && ts.isPropertyAssignment(property)) as
      | ts.PropertyAssignment
      | undefined;
  const word = (name: string) => {
    const value = field(name)?.initializer;
    return value !== undefined && ts.isStringLiteral(value) ? value.text : "";
  };
  for (const part of ["params", "query", "body"]) {
    const schema = field(part)?.initializer;
    const shape = schema === undefined ? undefined : shapeOf(schema);
    const separator = part === "params" ? "path" : part;
    if (shape !== undefined)
      describeFields(shape, `${word("method").toUpperCase()} ${word("path")} ${separator}`, found);
  }
}

/** The object literal inside `z.object({…})`, also behind `.optional()` and inside `z.array(…)`. */
function shapeOf(node: ts.Expression): ts.ObjectLiteralExpression | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression;
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const [first] = node.arguments;
  if (/^z\.(object|strictObject|looseObject)$/.test(callee.getText())) {
    return first !== undefined && ts.isObjectLiteralExpression(first) ? first : undefined;
  }
  if (/^z\.array$/.test(callee.getText())) return first === undefined ? undefined : shapeOf(first);
  return shapeOf(callee.expression);
}

function describeFields(shape: ts.ObjectLiteralExpression, name: string, found: Record<string, string>): void {
  for (const property of shape.properties) {
    const field = property.name?.getText().replaceAll('"', "");
    if (field === undefined) continue;
    const comment = commentOf(property);
    if (comment !== undefined) found[`${name}.${field}`] = comment;
    const inner = ts.isPropertyAssignment(property) ? shapeOf(property.initializer) : undefined;
    if (inner !== undefined) describeFields(inner, `${name}.${field}`, found);
  }
}

/** The text of the last block comment right above a node, on one line. */
function commentOf(node: ts.Node): string | undefined {
  const text = node.getSourceFile().text;
  const last = ts.getLeadingCommentRanges(text, node.getFullStart())?.at(-1);
  if (last === undefined) return undefined;
  const comment = text.slice(last.pos, last.end);
  if (!comment.startsWith("/**")) return undefined;
  return comment
    .slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\*\s?/, "").trim())
    .filter((line) => line !== "")
    .join(" ")
    .trim();
}
