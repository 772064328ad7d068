import { defineConfig } from "eslint/config";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const appState = {
  name: "react",
  importNames: ["useState", "useReducer"],
  message: "App state lives in src/app/slices.",
};

export default defineConfig(
  { ignores: ["dist/**", "test/checks/**", "bin/**"] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: new URL("../..", import.meta.url).pathname },
    },
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      complexity: ["error", 12],
      "max-params": ["error", 4],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `() => doIt()` is how one-line callbacks read; the value is not used.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Our objects are closures, not classes: their methods use no `this` and may be taken apart.
      "@typescript-eslint/unbound-method": "off",
      "no-restricted-syntax": [
        "error",
        { selector: "Program > VariableDeclaration[kind='let']", message: "No mutable module state." },
      ],
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/ui/widgets/**", "src/ui/overlays/**"],
    rules: { "no-restricted-imports": ["error", { paths: [appState] }] },
  },
  {
    files: ["test/**"],
    rules: {
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "max-lines-per-function": "off",
      "max-lines": "off",
    },
  },
);
