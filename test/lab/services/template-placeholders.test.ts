import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TemplateParameter } from "../../../src/contract/template.js";
import { renderConfig, renderTitle, strangers } from "../../../src/lab/services/template-placeholders.js";

const parameter = (name: string, type: TemplateParameter["type"] = "string"): TemplateParameter => ({
  name,
  type,
  description: "",
  default: null,
  min: null,
  max: null,
  options: null,
  required: false,
});

/** What sh makes of a rendered command. */
function run(command: string, value: string): string {
  const rendered = renderConfig({ command, x: value }, [parameter("x")]);
  const env = { PATH: process.env["PATH"] ?? "", ...(rendered["env"] as Record<string, string>) };
  return execFileSync("sh", ["-c", String(rendered["command"])], { env, encoding: "utf8" });
}

const nasty = [
  "; rm -rf /",
  "$(echo pwned)",
  "`echo pwned`",
  "' ; echo pwned ; '",
  '" ; echo pwned ; "',
  "\n echo pwned",
  "* ?",
  "\\",
  "a b",
];

test.each(nasty)("a value that is shell text stays a value: %j", (value) => {
  expect(run("printf %s {{x}}", value)).toBe(value);
  expect(run('printf %s "{{x}}"', value)).toBe(value);
  expect(run("printf %s '{{x}}'", value)).toBe(value);
  expect(run("printf %s --name={{x}}", value)).toBe(`--name=${value}`);
  expect(run("printf %s 'it is '\"{{x}}\"'!'", value)).toBe(`it is ${value}!`);
  expect(run("true # {{x}}", value)).toBe("");
});

test("no value ever changes the text of a command", () => {
  const commands = fc.constantFrom("run {{x}}", "run '{{x}}' \"{{ x }}\"", "run \\{{x}} `{{x}}` # {{x}}");
  fc.assert(
    fc.property(commands, fc.string(), fc.string(), (command, one, other) => {
      const text = (x: string) => renderConfig({ command, x }, [parameter("x")])["command"];
      return text(one) === text(other);
    }),
  );
});

test("placeholders are filled in lists, env and titles; a list fills arguments", () => {
  const parameters = [parameter("seeds", "list"), parameter("mode"), parameter("fast", "boolean"), parameter("unset")];
  const config = {
    script: "{{mode}}.py",
    args: ["--seeds", "{{seeds}}", "--tag={{mode}}-{{seeds}}", "{{unset}}", "{{other}}"],
    env: { MODE: "{{mode}} {{fast}}" },
    outputs: ["{{mode}}.txt"],
    note: "{{mode}}",
    seeds: [1, 2],
    mode: "a b",
    fast: true,
  };
  expect(renderConfig(config, parameters)).toEqual({
    ...config,
    script: "a b.py",
    args: ["--seeds", "1", "2", "--tag=a b-1,2", "{{unset}}", "{{other}}"],
    env: { MODE: "a b true" },
    outputs: ["a b.txt"],
  });
  expect(renderTitle("{{mode}}: {{seeds}}", config, parameters)).toBe("a b: 1,2");
  expect(strangers("{{tilte}}", config, parameters)).toEqual([
    ["title", "tilte"],
    ["config.args.4", "other"],
  ]);
});
