import { registerHooks } from "node:module";

// Node strips types by itself but looks for the file that an import names; ours name the built one, `.js`. Loaded by --import.
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.startsWith(".") || !specifier.endsWith(".js")) throw error;
      return next(`${specifier.slice(0, -".js".length)}.ts`, context);
    }
  },
});
