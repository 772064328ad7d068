/** Set by the bundler from package.json. */
declare const HUBIFY_TUI_VERSION: string;
