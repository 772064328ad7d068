/** Set by the bundler from package.json. */
declare const HUBIFY_TUI_VERSION: string;
/** Set by the bundler: a fingerprint of the sources. */
declare const HUBIFY_TUI_BUILD: string;
