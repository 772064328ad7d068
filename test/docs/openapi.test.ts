import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../src/lab/reference/openapi.js";
import { referencePage } from "../../src/lab/reference/page.js";
import { namedSchemas } from "../../src/lab/reference/schemas.js";
import { routes } from "../../src/lab/routes/index.js";
import { readDescriptions } from "./descriptions.js";

const folder = new URL("../../src/lab/reference/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const toText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** The committed text; with UPDATE_DOCS=1 it is written first. */
function committed(name: string, fresh: string): string {
  const file = new URL(name, folder);
  if (process.env["UPDATE_DOCS"] === "1" || !existsSync(file)) writeFileSync(file, fresh);
  return readFileSync(file, "utf8");
}

describe("the committed reference is that of the source (UPDATE_DOCS=1 writes it)", () => {
  const descriptions = readDescriptions();

  it("descriptions.json says what the comments say", () => {
    const fresh = toText(descriptions);
    expect(committed("descriptions.json", fresh)).toBe(fresh);
    expect(descriptions["Experiment.experimentId"]).toBe("The display id, `EXP-054`.");
    expect(descriptions["GET /v1/activity query.ref"]).toBe("Document id of what it happened to.");
  });

  it("openapi.json is the document of the routes", () => {
    const fresh = toText(openApiDocument({ routes, version: manifest.version, descriptions }));
    expect(committed("openapi.json", fresh)).toBe(fresh);
  });

  it("names each operation once, and leads every reference somewhere", () => {
    const document = openApiDocument({ routes, version: "1", descriptions });
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((one) => one.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(routes.length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(50);
    for (const name of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it("says what may be sent: the fields of a config, and those of a form", () => {
    const { paths, components } = openApiDocument({ routes, version: "1", descriptions });
    const sent = (path: string, type: string) => paths[path]?.["post"]?.requestBody?.content[type]?.schema;
    const { config, draft } = sent("/v1/experiments", "application/json")?.properties ?? {};
    expect(config?.description).toContain("`ExperimentConfig`");
    expect(draft?.description).toContain("never starts before");
    expect(components.schemas["ExperimentConfig"]?.properties).toHaveProperty("maxSeconds.description");
    for (const path of ["/v1/figures", "/v1/files/upload"]) {
      const form = sent(path, "multipart/form-data");
      expect(form?.required).toEqual(expect.arrayContaining(["labId", "file"]));
      expect(form?.properties?.["file"]).toMatchObject({ type: "string", format: "binary" });
    }
  });

  it("shows on the page what a named body holds, and the end of every path in its list", () => {
    const page = referencePage(openApiDocument({ routes, version: "1", descriptions }), "nonce");
    const [, section = ""] = page.split('<article id="postAuthKeys"');
    expect(section.slice(0, section.indexOf("Answer"))).toContain("<code>expiresIn</code>");
    expect(page.slice(0, page.indexOf("</nav>"))).toContain("/experiments/{…}/checkpoints");
  });

  it("gives no schema of the contract two names", () => {
    expect(new Set(namedSchemas.values()).size).toBe(namedSchemas.size);
  });
});
